import type { Tensor } from '../../../graph/graph.ts';
import { asOperator, type NodeOf } from '../../../operators/registry.ts';
import type { Blocking } from '../blocked/layout.ts';
import { convolveEachBlocked } from '../blocked/pointwise.ts';
import { Chain } from '../chain.ts';
import { int, outputOf, type Emitter } from '../emitter.ts';
import { inverseDeviation, positionsOf, scaledBy, varianceOf } from './affine.ts';
import type { Producers } from './gating.ts';
import { factorAndShift, groupingOf, sumGroups } from './group-norm.ts';
import { convolveEach, isPlainPointwise } from './pointwise.ts';
import { sumOverPositions } from './sums.ts';

/**
 * The 1×1 convolution before a norm when the norm is better folded into it: the moments of the input cost I² a position
 * where the convolution costs I·O, and a filter per image must be smaller than the map that is not passed over.
 */
export function foldableConvolution(
  { operands: { input } }: NodeOf<'groupNorm'>,
  producers: Producers,
  isConstant: (tensor: Tensor) => boolean,
): NodeOf<'conv2d'> | undefined {
  const producer = producers.get(input);
  const convolution = producer && asOperator(producer, 'conv2d');
  if (!convolution || !isPlainPointwise(convolution) || !isConstant(convolution.operands.filter))
    return undefined;
  const [outputs = 0, inputs = 0] = convolution.operands.filter.shape;
  return outputs >= 2 * inputs && inputs < positionsOf(input.shape) ? convolution : undefined;
}

/**
 * Group norm of a 1×1 convolution, `y = W·x`, without a pass over y, which is several times larger than x. With μ and Σ
 * the mean and covariance of x over positions, channel c of y has the mean w_c·μ and the variance w_cᵀ·Σ·w_c: both
 * moments of a group come from x. The norm's factor and shift are then the filter's and a bias, one per image.
 */
export function lowerFoldedGroupNorm(
  node: NodeOf<'groupNorm'>,
  convolution: NodeOf<'conv2d'>,
  emit: Emitter,
  blocking?: Blocking,
): void {
  const { input, filter } = convolution.operands;
  const { scale } = node.operands;
  const { groups, epsilon } = node.attributes;
  const output = outputOf(node);
  const [batch = 0, channels = 0] = output.shape;
  const [, inputs = 0] = input.shape;
  const positions = positionsOf(input.shape);
  const chain = new Chain(emit);
  const grouping = groupingOf(output.shape, groups);
  const perGroup = channels / groups;

  const rows = chain.reshape(input.name, [batch, inputs, positions]);
  const mean = scaledBy(chain, sumOverPositions(chain, input.name), 1 / positions);
  const product = chain.step('com.microsoft/FusedMatMul', [rows, rows], { transB: int(1) });
  const outer = chain.step('Mul', [
    chain.reshape(mean, [batch, inputs, 1]),
    chain.reshape(mean, [batch, 1, inputs]),
  ]);
  const covariance = chain.step('Sub', [scaledBy(chain, product, 1 / positions), outer]);

  // Constants of the filter, which ONNX Runtime folds: Σ over a group of w_c·w_cᵀ.
  const grouped = chain.reshape(filter.name, [groups, perGroup, inputs]);
  const outerFilters = chain.step('com.microsoft/FusedMatMul', [grouped, grouped], { transA: int(1) });
  const weights = chain.transpose(chain.reshape(outerFilters, [groups, inputs * inputs]), [1, 0]);
  const columns = chain.transpose(chain.reshape(filter.name, [channels, inputs]), [1, 0]);

  const within = chain.step('MatMul', [chain.reshape(covariance, [batch, inputs * inputs]), weights]);
  const channelMeans = chain.step('MatMul', [mean, columns]);
  const average = scaledBy(chain, sumGroups(chain, channelMeans, grouping), 1 / perGroup);
  const squares = sumGroups(chain, chain.step('Mul', [channelMeans, channelMeans]), grouping);
  const between = varianceOf(chain, scaledBy(chain, squares, 1 / perGroup), average);
  const variance = chain.step('Add', [scaledBy(chain, within, 1 / perGroup), between]);
  const deviation = inverseDeviation(chain, variance, epsilon);

  const { factor, shift } = factorAndShift(chain, node, grouping, average, deviation);
  if (blocking) {
    const column = [channels, 1, 1, 1];
    const name = scale ? chain.step('Mul', [filter.name, chain.reshape(scale.name, column)]) : filter.name;
    const factors = { along: 'outputs', values: deviation, count: groups } as const;
    convolveEachBlocked(chain, { name, shape: filter.shape }, factors, input, output, blocking, shift);
    return;
  }
  const filters = chain.step('Mul', [
    chain.reshape(filter.name, [1, channels, inputs]),
    chain.reshape(factor, [batch, channels, 1]),
  ]);
  convolveEach(chain, output, input, filters, shift);
}
