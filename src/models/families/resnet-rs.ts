import type { Tensor } from '../../graph/graph.ts';
import { scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import {
  bottleneckExpansion,
  classes,
  classifierRow,
  deepStem,
  plainRow,
  postActivationObjection,
  residualDefaults,
  residualKnobs,
  residualStages,
  resNetStages,
  shortcut,
  stageRows,
} from '../layers/residual-blocks.ts';

/** Bottlenecks in each stage, by depth (tensorflow/tpu @ 7dc921f8, models/official/resnet/resnet_rs). */
const repeats: Readonly<Record<number, readonly number[]>> = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
  200: [3, 24, 36, 3],
  270: [4, 29, 53, 4],
  350: [4, 36, 72, 4],
  420: [4, 44, 87, 4],
};

interface Rung {
  readonly depth: number;
  readonly resolution: number;
  readonly dropout: number;
  /** Largest rate at which branches are dropped. */
  readonly dropPath: number;
}

/**
 * The scaling rule of Bello et al. 2021 (arXiv 2103.07579, §6 and table 6; README of its code): depth first, as long as
 * networks overfit, resolution slowly, width never. Eleven rungs, each dearer than the one before.
 */
export const resNetRsLadder: readonly Rung[] = [
  { depth: 50, resolution: 160, dropout: 0.25, dropPath: 0 },
  { depth: 101, resolution: 160, dropout: 0.25, dropPath: 0 },
  { depth: 101, resolution: 192, dropout: 0.25, dropPath: 0 },
  { depth: 152, resolution: 192, dropout: 0.25, dropPath: 0 },
  { depth: 152, resolution: 224, dropout: 0.25, dropPath: 0 },
  { depth: 152, resolution: 256, dropout: 0.25, dropPath: 0 },
  { depth: 200, resolution: 256, dropout: 0.25, dropPath: 0.1 },
  { depth: 270, resolution: 256, dropout: 0.25, dropPath: 0.1 },
  { depth: 350, resolution: 256, dropout: 0.25, dropPath: 0.1 },
  { depth: 350, resolution: 320, dropout: 0.4, dropPath: 0.1 },
  { depth: 420, resolution: 320, dropout: 0.4, dropPath: 0.1 },
];

/** The rung of a depth at a resolution; the depth's highest where no rung has that resolution. */
function rungOf(depth: number, resolution?: number): Rung {
  const own = resNetRsLadder.filter((rung) => rung.depth === depth);
  return own.find((rung) => rung.resolution === resolution) ?? own.at(-1)!;
}

const stemChannels = [32, 32, 64] as const;

/** Squeeze width as a part of what the block puts out. */
const squeezeRatio = 0.25;

/** A bottleneck of ResNet-D with squeeze-and-excite on what it puts out. */
function block(
  net: NetworkBuilder,
  input: Tensor,
  place: { readonly channels: number; readonly stride: number },
  survival: number,
  { groupSize }: Knobs,
): Tensor {
  const { channels, stride } = place;
  const outputs = channels * bottleneckExpansion;
  let x = net.convNormAct('reduce', input, { channels, kernel: 1 });
  x = net.convNormAct('spatial', x, { channels, kernel: 3, stride, groupSize });
  x = net.convNorm('expand', x, { channels: outputs, kernel: 1 });
  const hidden = Math.max(1, Math.floor(channelsOf(x) * squeezeRatio));
  x = net.squeezeExcite('se', { tensor: x }, { hidden });
  const other = shortcut(net, input, { kind: 'mean, then convolution', channels: outputs, stride });
  return net.addAct(other, net.dropPath(x, survival));
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, depth: number): Tensor {
  const { dropout, dropPath } = rungOf(depth, images.shape[2]);
  const stages = resNetStages(repeats[depth]!, knobs);
  const widths = stemChannels.map((channels) => scaleWidth(channels, knobs.width));
  const stem = deepStem(net, images, widths);
  // A convolution in place of the max pooling.
  const reduced = net.graph.stage('pool', () =>
    net.convNormAct('reduce', stem, { channels: widths.at(-1)!, kernel: 3, stride: 2 }),
  );
  const features = residualStages(net, reduced, stages, (input, place) =>
    // The rate grows from stage to stage: the code counts the stem as the first of five.
    block(net, input, place, 1 - (dropPath * (place.stage + 1)) / (stages.length + 1), knobs),
  );
  return net.graph.stage('head', () => net.classifier(features, { classes, dropout }));
}

/** ResNet-RS 50–420, at the largest resolution that the paper gives for each. */
export const resNetRs: readonly Model[] = Object.keys(repeats)
  .map(Number)
  .map((depth): Model => ({
    name: `resnet-rs-${depth}`,
    aliases: [`resnetrs${depth}`, `resnetrs-${depth}`],
    family: 'ResNet-RS',
    source: 'Bello et al. 2021 (arXiv 2103.07579), §6',
    resolution: { native: rungOf(depth).resolution },
    defaults: residualDefaults,
    knobs: residualKnobs,
    refusals: { expandRatio: 'a bottleneck puts out four times its inner channels in every ResNet' },
    objection: postActivationObjection,
    stages: (knobs) => [
      plainRow('stem', 'conv ×3', 3, 2, scaleWidth(stemChannels[2], knobs.width)),
      plainRow('pool', 'conv', 3, 2, scaleWidth(stemChannels[2], knobs.width)),
      ...stageRows('bottleneck, SE', resNetStages(repeats[depth]!, knobs), {
        expansion: bottleneckExpansion,
      }),
      classifierRow,
    ],
    build: (net, images, knobs) => build(net, images, knobs, depth),
  }));
