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
  readonly statistics: Shape;
  /** `[N, G, C/G]` and `[N, G, 1]`. */
  readonly split: Shape;
  readonly single: Shape;
  readonly count: number;
}

export function groupingOf(shape: Shape, groups: number): Grouping {
  const [batch = 0, channels = 0] = shape;
  return {
    channels: [batch, channels],
    statistics: [batch, groups],
    split: [batch, groups, channels / groups],
    single: [batch, groups, 1],
    count: (channels / groups) * positionsOf(shape),
  };
}

/** `[N, C]` → `[N, G]`. */
export function sumGroups(chain: Chain, input: string, { split }: Grouping): string {
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
): { result: string; average: string; deviation: string } {
  const { input } = node.operands;
  const { groups, epsilon } = node.attributes;
  const grouping = groupingOf(input.shape, groups);
  // A group's channels lie side by side: two reductions over long rows.
  const rows = chain.reshape(input.name, [...grouping.statistics, 1, grouping.count]);
  const moment = (sums: string) =>
    scaledBy(chain, chain.reshape(sums, grouping.statistics), 1 / grouping.count);
  const average = moment(chain.sum(rows, [3]));
  const squares = moment(chain.step('com.microsoft/FusedMatMul', [rows, rows], { transB: int(1) }));
  const deviation = inverseDeviation(chain, varianceOf(chain, squares, average), epsilon);
  const { factor, shift } = factorAndShift(chain, node, grouping, average, deviation);
  const result = affine(chain, input.name, input.shape, 'imageAndChannel', factor, shift);
  return { result, average, deviation };
}

/** Group norm as x · factor + shift, both `[N, C]`, from the groups' means and inverse deviations, `[N, G]`. */
export function factorAndShift(
  chain: Chain,
  { operands: { scale, offset } }: NodeOf<'groupNorm' | 'groupNormTraining'>,
  grouping: Grouping,
  average: string,
  deviation: string,
): { factor: string; shift: string } {
  const factor = spread(chain, deviation, grouping, scale?.name);
  const centre = spread(chain, chain.step('Mul', [average, deviation]), grouping, scale?.name);
  const shift = offset ? chain.step('Sub', [offset.name, centre]) : chain.step('Neg', [centre]);
  return { factor, shift };
}

/** Three passes, as for batch norm, with an a and a b per image and channel. */
export function lowerGroupNorm(node: NodeOf<'groupNorm'>, emit: Emitter): void {
  const chain = new Chain(emit);
  chain.reshapeTo(outputOf(node), normalize(node, chain).result);
}

export function lowerGroupNormTraining(node: NodeOf<'groupNormTraining'>, emit: Emitter): void {
  const [output, mean, inverse] = node.outputs as [Tensor, Tensor, Tensor];
  const chain = new Chain(emit);
  const { result, average, deviation } = normalize(node, chain);
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
