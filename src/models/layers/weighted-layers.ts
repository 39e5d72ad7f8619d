import { EcfxError } from '../../errors.ts';
import type { Tensor } from '../../graph/graph.ts';
import { conv2d } from '../../operators/convolution.ts';
import { dense } from '../../operators/matrix-product.ts';
import { meanTapsInside, resolvePads, type LayerPadding } from '../../operators/padding.ts';
import { weightStandardization } from '../../operators/weight-standardization.ts';
import type { Knobs } from '../knobs.ts';
import type { LayerContext } from './layer-context.ts';
import { signalTarget } from './signal-scale.ts';

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Channels per group; absent means one group, a dense convolution. */
  readonly groupSize?: Knobs['groupSize'];
  readonly bias?: boolean;
  /** In place of the variant's padding rule. */
  readonly padding?: LayerPadding;
}

const zero = { kind: 'constant', value: 0 } as const;
const one = { kind: 'constant', value: 1 } as const;

/** Under the root of weight standardization (deepmind/deepmind-research @ d8df4155, nfnets/base.py). */
const standardizationEpsilon = 1e-4;

/** Convolution with weights drawn to keep the signal, as node `name`. Input `[N, C, H, W]`. */
export function buildConv(
  context: LayerContext,
  name: string,
  input: Tensor,
  options: ConvOptions & { readonly standardizedBy?: number },
): Tensor {
  const {
    channels,
    kernel,
    stride = 1,
    groupSize = 'dense',
    bias = false,
    padding = context.knobs.padding,
    standardizedBy,
  } = options;
  const [, inputChannels = 0, height = 0, width = 0] = input.shape;
  const groups = groupsOf(inputChannels, groupSize, input.name);
  const channelsPerGroup = inputChannels / groups;
  const pads = resolvePads(padding, [height, width], kernel, stride);
  const taps = meanTapsInside([height, width], { kernel: [kernel, kernel], stride, dilation: 1, pads });
  const filter = context.graph.parameter(`${name}.filter`, [channels, channelsPerGroup, kernel, kernel], {
    kind: 'uniform',
    rootMeanSquare: context.signal.weightScale(input, channelsPerGroup * taps),
  });
  const operands = {
    input,
    filter:
      standardizedBy === undefined ? filter : buildStandardizedFilter(context, name, filter, standardizedBy),
    ...(bias && { bias: context.graph.parameter(`${name}.bias`, [channels], zero) }),
  };
  const output = context.graph.apply(conv2d, name, operands, { stride, dilation: 1, groups, pads });
  return context.signal.note(output, signalTarget);
}

function buildStandardizedFilter(context: LayerContext, name: string, filter: Tensor, gamma: number): Tensor {
  const gain = context.graph.parameter(`${name}.gain`, [filter.shape[0]!], one);
  const attributes = { gamma, epsilon: standardizationEpsilon };
  return context.graph.apply(weightStandardization, `${name}.standardized`, { filter, gain }, attributes);
}

/** Dense layer on `[N, C]`, as node `name`. */
export function buildDense(
  context: LayerContext,
  name: string,
  input: Tensor,
  options: { readonly channels: number; readonly bias: boolean },
): Tensor {
  const { channels, bias } = options;
  const [, fanIn = 0] = input.shape;
  const rootMeanSquare = context.signal.weightScale(input, fanIn);
  const operands = {
    input,
    weight: context.graph.parameter(`${name}.weight`, [channels, fanIn], { kind: 'uniform', rootMeanSquare }),
    ...(bias && { bias: context.graph.parameter(`${name}.bias`, [channels], zero) }),
  };
  return context.signal.note(context.graph.apply(dense, name, operands, {}), signalTarget);
}

/**
 * Groups of a group convolution, as in the study's code: max(1, ⌊C/G⌋); channels are not rounded to fit.
 * Throws `EcfxError` (usage) when that many groups do not divide the channels.
 */
function groupsOf(channels: number, groupSize: Knobs['groupSize'], where: string): number {
  if (groupSize === 'dense') return 1;
  const groups = Math.max(1, Math.floor(channels / groupSize));
  if (channels % groups !== 0) {
    throw new EcfxError(
      'usage',
      `group size ${groupSize} does not fit: the ${channels} channels after ${where} do not divide into ⌊${channels}/${groupSize}⌋ = ${groups} groups`,
      { suggestions: ['Use a group size that divides the channels, such as 1, 4, 8 or 16.'] },
    );
  }
  return groups;
}
