import type { NodeOf } from '../../../operators/registry.ts';
import type { Tensor } from '../../../graph/graph.ts';
import type { Shape } from '../../../graph/shape.ts';
import { Chain } from '../chain.ts';
import { int, outputOf, type Emitter } from '../emitter.ts';
import { affine, inverseDeviation, positionsOf, scaledBy, varianceOf } from './affine.ts';
import { dotOverPositions, sumOverPositions } from './sums.ts';

/** Sums per image and channel first, `[N, C]`, which are small; then per image and group. */
export interface Grouping {
  readonly channels: Shape;
  /** `[N, G, C/G]` and `[N, G, 1]`. */
  readonly split: Shape;
  readonly single: Shape;
  readonly count: number;
}

export function groupingOf(shape: Shape, groups: number): Grouping {
  const [batch = 0, channels = 0] = shape;
  return {
    channels: [batch, channels],
    split: [batch, groups, channels / groups],
    single: [batch, groups, 1],
    count: (channels / groups) * positionsOf(shape),
  };
}

/** `[N, C]` → `[N, G]`. */
function sumGroups(chain: Chain, input: string, { split }: Grouping): string {
  return chain.sum(chain.reshape(input, split), [2]);
}

/** A value per image and group, `[N, G]`, times or over a vector per channel, `[C]`, as `[N, C]`. */
function spread(
  chain: Chain,
  perGroup: string,
  { single, split, channels }: Grouping,
  vector?: string,
): string {
  const seen = chain.reshape(perGroup, single);
  const factors =
    vector === undefined
      ? chain.floats([1, ...split.slice(1)], 1)
      : chain.reshape(vector, [1, ...split.slice(1)]);
  return chain.reshape(chain.step('Mul', [seen, factors]), channels);
}

function normalize(
  node: NodeOf<'groupNorm' | 'groupNormTraining'>,
  chain: Chain,
): { result: string; mean: string; deviation: string } {
  const { input } = node.operands;
  const grouping = groupingOf(input.shape, node.attributes.groups);
  // A group's channels lie side by side: two reductions over long rows.
  const rows = chain.reshape(input.name, [...grouping.single, grouping.count]);
  const mean = chain.reshape(chain.mean(rows, [3]), grouping.single);
  // With a factor in it (alpha) the product of a row and a column takes 25 times as long: another kernel.
  const squares = chain.step('com.microsoft/FusedMatMul', [rows, rows], { transB: int(1) });
  const meanSquare = scaledBy(chain, chain.reshape(squares, grouping.single), 1 / grouping.count);
  const { deviation, factor, shift } = normalization(chain, node, grouping, { mean, meanSquare });
  const result = affine(chain, input.name, input.shape, 'imageAndChannel', factor, shift);
  return { result, mean, deviation };
}

/** Of each image and group, `[N, G, 1]`. */
export interface Moments {
  readonly mean: string;
  readonly meanSquare: string;
}

/**
 * Group norm as x · factor + shift, both per image and channel, `[N, G, C/G]`, and the inverse deviations, `[N, G, 1]`.
 * In as few operators as can be: a network has fifty norms, and at batch 8 half of the operators that ran were theirs.
 */
export function normalization(
  chain: Chain,
  { operands: { scale, offset }, attributes: { epsilon } }: NodeOf<'groupNorm' | 'groupNormTraining'>,
  { split }: Grouping,
  { mean, meanSquare }: Moments,
): { deviation: string; factor: string; shift: string } {
  const deviation = inverseDeviation(chain, varianceOf(chain, meanSquare, mean), epsilon);
  const channels = [1, ...split.slice(1)];
  const scales = scale ? chain.reshape(scale.name, channels) : chain.floats(channels, 1);
  const factor = chain.step('Mul', [deviation, scales]);
  const centre = chain.step('Mul', [factor, mean]);
  const shift = offset
    ? chain.step('Sub', [chain.reshape(offset.name, channels), centre])
    : chain.step('Neg', [centre]);
  return { deviation, factor, shift };
}

/** Three passes, as for batch norm, with an a and a b per image and channel. */
export function lowerGroupNorm(node: NodeOf<'groupNorm'>, emit: Emitter): void {
  const chain = new Chain(emit);
  chain.reshapeTo(outputOf(node), normalize(node, chain).result);
}

export function lowerGroupNormTraining(node: NodeOf<'groupNormTraining'>, emit: Emitter): void {
  const [output, mean, inverse] = node.outputs as [Tensor, Tensor, Tensor];
  const chain = new Chain(emit);
  const { result, mean: average, deviation } = normalize(node, chain);
  chain.reshapeTo(output, result);
  chain.reshapeTo(mean, average);
  chain.reshapeTo(inverse, deviation);
}

/** dx = a·dy + c·x + d with one a, c and d per image and channel, from Σdy and Σdy·x; see batch norm. */
export function lowerGroupNormGradient(node: NodeOf<'groupNormGradient'>, emit: Emitter): void {
  const { outputGradient, input, scale, mean, inverseDeviation: inverse } = node.operands;
  const [inputGradient, scaleGradient, offsetGradient] = node.outputs as [Tensor, Tensor, Tensor];
  const grouping = groupingOf(input.shape, node.attributes.groups);
  const chain = new Chain(emit);
  const sums = sumOverPositions(chain, outputGradient.name);
  const dots = dotOverPositions(chain, outputGradient.name, input.name, input.shape);
  chain.result(offsetGradient, 'ReduceSum', [sums, chain.integers([0])], {
    keepdims: { kind: 'int', value: 0 },
  });
  const centres = spread(chain, mean.name, grouping);
  const inverses = spread(chain, inverse.name, grouping);
  const centred = chain.step('Sub', [dots, chain.step('Mul', [centres, sums])]);
  const correlations = chain.step('Mul', [centred, inverses]);
  chain.result(scaleGradient, 'ReduceSum', [correlations, chain.integers([0])], {
    keepdims: { kind: 'int', value: 0 },
  });
  const weighted = (input: string) =>
    sumGroups(chain, scale ? chain.step('Mul', [input, scale.name]) : input, grouping);
  const a = scale ? chain.step('Mul', [inverses, scale.name]) : inverses;
  const squared = chain.step('Mul', [inverse.name, inverse.name]);
  const slope = scaledBy(chain, chain.step('Mul', [squared, weighted(correlations)]), -1 / grouping.count);
  const level = scaledBy(chain, chain.step('Mul', [inverse.name, weighted(sums)]), -1 / grouping.count);
  const base = chain.step('Sub', [level, chain.step('Mul', [slope, mean.name])]);
  const c = spread(chain, slope, grouping);
  const d = spread(chain, base, grouping);
  const alongInput = affine(chain, input.name, input.shape, 'imageAndChannel', c, d);
  chain.reshapeTo(
    inputGradient,
    affine(chain, outputGradient.name, input.shape, 'imageAndChannel', a, undefined, alongInput),
  );
}
