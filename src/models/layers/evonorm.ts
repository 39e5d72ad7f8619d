import type { GraphBuilder } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import { activation } from '../../operators/activation.ts';
import { binary, unary, type BinaryFunction } from '../../operators/elementwise.ts';
import { reshape } from '../../operators/layout.ts';
import { reduce } from '../../operators/reduction.ts';

/**
 * The EvoNorms (Liu et al. 2020, arXiv 2004.02967) as tensorflow/tpu @ 7dc921f8 codes them (resnet_model.py): norm and
 * activation in one, made of ordinary operators as there. Variances are biased.
 */
const evoNorm = {
  /** Inside the roots. */
  epsilon: 1e-5,
  /** Of S0; fewer where they do not divide the channels. */
  groups: 32,
  /** Part of the running variance of B0 that a training step keeps. */
  decay: 0.9,
} as const;

export type EvoNormKind = 'evonorm-b0' | 'evonorm-s0';

/**
 * EvoNorm of `[N, C, H, W]`, with learned v, scale γ and offset β `[C]`:
 *
 *     B0: x / max(√(Var_nhw(x) + ε), v·x + √(Var_hw(x) + ε)) · γ + β
 *     S0: x · sigmoid(v·x) / √(Var_group(x) + ε) · γ + β
 *
 * In inference, B0 takes the running variance of the batch; that of each image is always computed.
 */
export function buildEvoNorm(
  graph: GraphBuilder,
  kind: EvoNormKind,
  input: Tensor,
  { training }: { readonly training: boolean },
): Tensor {
  const { apply, perChannel, root } = shorthands(graph, input);
  const v = perChannel('v', 1);
  if (kind === 'evonorm-s0') {
    const gate = graph.apply(
      activation,
      'gate',
      { input: apply('multiply', 'curved', input, v) },
      { function: 'sigmoid' },
    );
    const activated = apply('multiply', 'activated', input, gate);
    const variance = groupVariance(graph, input, largestDivisor(channelsOf(input), evoNorm.groups));
    const grouped = graph.apply(
      reshape,
      'grouped',
      { input: activated },
      { shape: groupedShape(input, variance.shape[1]!) },
    );
    const divided = apply('divide', 'divided', grouped, root('deviation', variance));
    const restored = graph.apply(reshape, 'restored', { input: divided }, { shape: input.shape });
    return buildAffine(graph, restored);
  }
  const [batch = 0, channels = 0] = input.shape;
  const ofEachImage = graph.apply(
    reshape,
    'imageVariance',
    { input: groupVariance(graph, input, channels) },
    { shape: [batch, channels, 1, 1] },
  );
  const curve = apply(
    'add',
    'curve',
    apply('multiply', 'curved', input, v),
    root('imageDeviation', ofEachImage),
  );
  const ofTheBatch = batchVariance(graph, input, training);
  const divisor = apply('maximum', 'divisor', root('batchDeviation', ofTheBatch), curve);
  return buildAffine(graph, apply('divide', 'divided', input, divisor));
}

/** γ·x + β with learned γ and β `[C]`: what an EvoNorm is where no activation follows. */
export function buildAffine(graph: GraphBuilder, input: Tensor): Tensor {
  const { apply, perChannel } = shorthands(graph, input);
  const scaled = apply('multiply', 'scaled', input, perChannel('scale', 1));
  return apply('add', 'shifted', scaled, perChannel('offset', 0));
}

/** Variance over the batch and all positions, `[1, C, 1, 1]`; in inference the running one. */
function batchVariance(graph: GraphBuilder, input: Tensor, training: boolean): Tensor {
  const { apply } = shorthands(graph, input);
  const vector = [channelsOf(input)];
  const running = graph.buffer('variance', vector, { kind: 'constant', value: 1 });
  const image = { shape: [1, channelsOf(input), 1, 1] };
  if (!training) return graph.apply(reshape, 'runningVariance', { input: running }, image);
  const variance = varianceOver(graph, 'batch', input, [0, 2, 3]);
  const share = (name: string, value: number) => graph.constant(name, [1], Float64Array.of(value));
  const flat = graph.apply(reshape, 'flatVariance', { input: variance }, { shape: vector });
  const kept = apply('multiply', 'keptVariance', running, share('kept', evoNorm.decay));
  const added = apply('multiply', 'addedVariance', flat, share('added', 1 - evoNorm.decay));
  graph.update(running, apply('add', 'nextVariance', kept, added));
  return variance;
}

/** Variance over each group of channels and all positions, `[N, groups, 1]`. */
function groupVariance(graph: GraphBuilder, input: Tensor, groups: number): Tensor {
  const shape = groupedShape(input, groups);
  const view = graph.apply(reshape, 'groups', { input }, { shape });
  return varianceOver(graph, 'group', view, [2]);
}

function groupedShape({ shape }: Tensor, groups: number): number[] {
  return [shape[0]!, groups, size(shape) / (shape[0]! * groups)];
}

function varianceOver(graph: GraphBuilder, what: string, input: Tensor, axes: readonly number[]): Tensor {
  const mean = graph.apply(reduce, `${what}Mean`, { input }, { function: 'mean', axes });
  const operands = { left: input, right: mean };
  const centred = graph.apply(binary, `${what}Centred`, operands, { function: 'subtract' });
  const squares = graph.apply(unary, `${what}Squares`, { input: centred }, { function: 'square' });
  return graph.apply(reduce, `${what}Variance`, { input: squares }, { function: 'mean', axes });
}

/** The most groups, up to `limit`, that divide the channels. */
function largestDivisor(channels: number, limit: number): number {
  let groups = Math.min(limit, channels);
  while (channels % groups !== 0) groups -= 1;
  return groups;
}

function shorthands(graph: GraphBuilder, input: Tensor) {
  const channels = channelsOf(input);
  const apply = (name: BinaryFunction, node: string, left: Tensor, right: Tensor) =>
    graph.apply(binary, node, { left, right }, { function: name });
  return {
    apply,
    /** A learned vector `[C]`, as `[1, C, 1, 1]`. */
    perChannel: (name: string, value: number) => {
      const vector = graph.parameter(name, [channels], { kind: 'constant', value });
      return graph.apply(reshape, `${name}Image`, { input: vector }, { shape: [1, channels, 1, 1] });
    },
    /** √(variance + ε). */
    root: (node: string, variance: Tensor) => {
      const epsilon = graph.constant(`${node}Epsilon`, [1], Float64Array.of(evoNorm.epsilon));
      const regular = apply('add', `${node}Regular`, variance, epsilon);
      return graph.apply(unary, node, { input: regular }, { function: 'sqrt' });
    },
  };
}

function channelsOf({ shape }: Tensor): number {
  return shape[1] ?? 0;
}
