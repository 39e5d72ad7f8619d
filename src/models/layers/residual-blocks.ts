import type { Tensor } from '../../graph/graph.ts';
import type { Knobs } from '../knobs.ts';
import type { StageRow } from '../model.ts';
import { scaleDepth, scaleWidth } from '../scaling/compound-scaling.ts';
import { channelsOf } from './layer-context.ts';
import type { NetworkBuilder } from './network-builder.ts';

/** What the families of ResNet are made of. */

export const classes = 1000;

/** What a bottleneck puts out, in multiples of its inner channels. */
export const bottleneckExpansion = 4;

/** A stage of residual blocks; the stride is the first block's. */
export interface ResidualStage {
  readonly repeats: number;
  /** Of the spatial convolution; a bottleneck puts out four times as many. */
  readonly channels: number;
  readonly stride: number;
}

/** Inner channels and strides of the four stages (He et al. 2016, arXiv 1512.03385, table 1: conv2_x to conv5_x). */
const stageChannels = [64, 128, 256, 512] as const;
const stageStrides = [1, 2, 2, 2] as const;

/** The four stages of a ResNet with so many blocks, after scaling. */
export function resNetStages(
  repeats: readonly number[],
  { width, depth }: Pick<Knobs, 'width' | 'depth'>,
): ResidualStage[] {
  return repeats.map((count, index) => ({
    repeats: scaleDepth(count, depth),
    channels: scaleWidth(stageChannels[index]!, width),
    stride: stageStrides[index]!,
  }));
}

/** How a block whose shape changes brings its input to the new one. */
export type Shortcut = 'strided convolution' | 'mean, then convolution';

/** Identity where the shape stays, otherwise a 1×1 convolution with norm, after a mean of 2×2 where the rule is that. */
export function shortcut(
  net: NetworkBuilder,
  input: Tensor,
  { kind, channels, stride }: { readonly kind: Shortcut; readonly channels: number; readonly stride: number },
): Tensor {
  if (stride === 1 && channelsOf(input) === channels) return input;
  if (kind === 'strided convolution') return net.convNorm('shortcut', input, { channels, kernel: 1, stride });
  return net.convNorm('shortcut', halved(net, input, stride), { channels, kernel: 1 });
}

/** Mean of 2×2 with stride 2, rounding up: a row or column left over is a mean of its own. */
export function halved(net: NetworkBuilder, input: Tensor, stride: number): Tensor {
  if (stride === 1) return input;
  return net.pool('shortcutPool', input, { function: 'average', kernel: 2, stride, padding: 'same' });
}

/** 7×7 with stride 2. */
export function plainStem(net: NetworkBuilder, images: Tensor, channels: number): Tensor {
  return net.graph.stage('stem', () => net.convNormAct('entry', images, { channels, kernel: 7, stride: 2 }));
}

/** Three 3×3 in place of the 7×7, the first with stride 2 (He et al. 2019, arXiv 1812.01187, ResNet-C). */
export function deepStem(net: NetworkBuilder, images: Tensor, channels: readonly number[]): Tensor {
  return net.graph.stage('stem', () =>
    channels.reduce(
      (x, width, index) =>
        net.convNormAct(`entry${index + 1}`, x, { channels: width, kernel: 3, stride: index === 0 ? 2 : 1 }),
      images,
    ),
  );
}

export function maxPool(net: NetworkBuilder, input: Tensor): Tensor {
  return net.graph.stage('pool', () => net.pool('max', input, { function: 'max', kernel: 3, stride: 2 }));
}

/** Builds stage after stage, block after block; `block` is told its stage's number and its own, both from 1. */
export function residualStages(
  net: NetworkBuilder,
  input: Tensor,
  stages: readonly ResidualStage[],
  block: (
    input: Tensor,
    place: {
      readonly stage: number;
      readonly repeat: number;
      readonly channels: number;
      readonly stride: number;
    },
  ) => Tensor,
): Tensor {
  return stages.reduce(
    (x, { repeats, channels, stride }, index) =>
      net.graph.stage(`stages.${index + 1}`, () => {
        let y = x;
        for (let repeat = 1; repeat <= repeats; repeat++) {
          const place = { stage: index + 1, repeat, channels, stride: repeat === 1 ? stride : 1 };
          y = net.graph.block(`${repeat}`, () => block(y, place));
        }
        return y;
      }),
    input,
  );
}

/** A row of the stage table that is no stage of blocks. */
export function plainRow(
  stage: string,
  block: string,
  kernel: number,
  stride: number,
  channels: number,
): StageRow {
  return { stage, block, kernel, stride, expandRatio: null, channels, repeats: 1 };
}

/** Rows of the stages, with what they put out. */
export function stageRows(
  block: string,
  stages: readonly ResidualStage[],
  { kernel = 3, expansion = 1 } = {},
): StageRow[] {
  return stages.map(({ repeats, channels, stride }, index) => ({
    stage: `stages.${index + 1}`,
    block,
    kernel,
    stride,
    expandRatio: null,
    channels: channels * expansion,
    repeats,
  }));
}

export const classifierRow: StageRow = plainRow('head', 'mean, dense', 1, 1, classes);

/** What all networks of this kind start from; a family says what differs. */
export const residualDefaults = {
  groupSize: 'dense',
  expandRatio: 1,
  norm: { kind: 'batch', proxy: false },
  activation: 'relu',
  width: 1,
  depth: 1,
  padding: 'symmetric',
} as const satisfies Knobs;

export const residualKnobs = ['groupSize', 'norm', 'activation', 'width', 'depth', 'padding'] as const;

/** Where a sum, not a norm, stands before the activation, an EvoNorm cannot take the place of both. */
export function postActivationObjection({ norm }: Knobs): string | undefined {
  if (!norm.kind.startsWith('evonorm-')) return undefined;
  return `“${norm.kind}” is norm and activation in one, but here residual sums stand between the two: use a pre-activation network, such as resnetv2-50`;
}
