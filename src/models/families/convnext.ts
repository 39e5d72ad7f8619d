import type { Tensor } from '../../graph/graph.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import type { Knobs } from '../knobs.ts';
import type { Model } from '../model.ts';
import { channelsOf } from '../layers/layer-context.ts';
import type { NetworkBuilder } from '../layers/network-builder.ts';
import { classes, plainRow } from '../layers/residual-blocks.ts';
import { fromRows, normalizeRows, toRows } from '../layers/rows.ts';

interface Member {
  readonly blocks: readonly [number, number, number, number];
  readonly channels: number;
  /** Rate at which the last branch is dropped. */
  readonly dropPath: number;
}

/** Liu et al. 2022 (arXiv 2201.03545), §3 (C = 96, …, B = 3, 3, 9, 3, …) and table 5; channels double from stage to stage. */
const members: Readonly<Record<string, Member>> = {
  t: { blocks: [3, 3, 9, 3], channels: 96, dropPath: 0.1 },
  s: { blocks: [3, 3, 27, 3], channels: 96, dropPath: 0.4 },
  b: { blocks: [3, 3, 27, 3], channels: 128, dropPath: 0.5 },
  l: { blocks: [3, 3, 27, 3], channels: 192, dropPath: 0.5 },
};

const longNames: Readonly<Record<string, string>> = { t: 'tiny', s: 'small', b: 'base', l: 'large' };

/** Patches of the stem, and between stages. */
const patch = { stem: 4, between: 2 } as const;
const kernel = 7;
/** Layer scale starts here (Touvron et al. 2021). */
const layerScale = 1e-6;

const defaults = {
  groupSize: 1,
  expandRatio: 4,
  norm: { kind: 'layer', proxy: false },
  activation: 'gelu',
  width: 1,
  depth: 1,
  padding: 'symmetric',
} as const satisfies Knobs;

function stagesOf({ blocks, channels }: Member, { width, depth }: Knobs) {
  return blocks.map((count, index) => ({
    repeats: scaleDepth(count, depth),
    channels: scaleWidth(channels * 2 ** index, width),
  }));
}

/** Layer norm over the channels of each position of an image. */
function imageNorm(net: NetworkBuilder, name: string, input: Tensor): Tensor {
  const rows = normalizeRows(net, name, toRows(net, `${name}Rows`, input));
  return fromRows(net, `${name}Image`, rows, imagesOf(input));
}

/** Depthwise 7×7, then layer norm and two dense layers at each position (figure 4). */
function block(net: NetworkBuilder, input: Tensor, survival: number, knobs: Knobs): Tensor {
  const channels = channelsOf(input);
  const spatial = net.conv('spatial', input, { channels, kernel, groupSize: knobs.groupSize, bias: true });
  let rows = normalizeRows(net, 'norm', toRows(net, 'rows', spatial));
  rows = net.activate('act', net.dense('expand', rows, channels * knobs.expandRatio));
  rows = net.dense('project', rows, channels);
  rows = net.multiply('scale', rows, net.learned('layerScale', [channels], layerScale));
  const branch = fromRows(net, 'image', rows, imagesOf(spatial));
  return net.add(input, net.dropPath(branch, survival));
}

function imagesOf({ shape: [batch = 0, , height = 0, width = 0] }: Tensor): [number, number, number] {
  return [batch, height, width];
}

function build(net: NetworkBuilder, images: Tensor, knobs: Knobs, member: Member): Tensor {
  const stages = stagesOf(member, knobs);
  const blocks = stages.reduce((sum, { repeats }) => sum + repeats, 0);
  let blockIndex = 0;
  const patches = (name: string, input: Tensor, channels: number, size: number) =>
    net.conv(name, input, { channels, kernel: size, stride: size, bias: true, padding: 'valid' });
  let x = net.graph.stage('stem', () =>
    imageNorm(net, 'norm', patches('patches', images, stages[0]!.channels, patch.stem)),
  );
  for (const [index, { repeats, channels }] of stages.entries()) {
    net.graph.stage(`stages.${index + 1}`, () => {
      if (index > 0) x = patches('patches', imageNorm(net, 'norm', x), channels, patch.between);
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const survival = 1 - (member.dropPath * blockIndex) / Math.max(1, blocks - 1);
        blockIndex += 1;
        x = net.graph.block(`${repeat}`, () => block(net, x, survival, knobs));
      }
    });
  }
  return net.graph.stage('head', () =>
    net.logits(normalizeRows(net, 'norm', net.globalMean('pool', x)), { classes, dropout: 0 }),
  );
}

/** ConvNeXt T–L. */
export const convNexts: readonly Model[] = Object.entries(members).map(([size, member]) => ({
  name: `convnext-${size}`,
  aliases: [`convnext-${longNames[size]}`],
  family: 'ConvNeXt',
  source: 'Liu et al. 2022 (arXiv 2201.03545), §3 and appendix A',
  resolution: { native: 224 },
  defaults,
  knobs: ['groupSize', 'expandRatio', 'activation', 'width', 'depth', 'padding'],
  refusals: { norm: 'one layer norm a block, at each position and before the dense layers, is its design' },
  stages: (knobs) => [
    plainRow('stem', 'patches', patch.stem, patch.stem, stagesOf(member, knobs)[0]!.channels),
    ...stagesOf(member, knobs).map(({ repeats, channels }, index) => ({
      stage: `stages.${index + 1}`,
      block: 'ConvNeXt',
      kernel,
      stride: index === 0 ? 1 : patch.between,
      expandRatio: knobs.expandRatio,
      channels,
      repeats,
    })),
    plainRow('head', 'mean, layer norm, dense', 1, 1, classes),
  ],
  build: (net, images, knobs) => build(net, images, knobs, member),
}));
