import type { Tensor } from '../../../graph/graph.ts';
import { asOperator, type NodeOf } from '../../../operators/registry.ts';
import type { BlockedCopies } from '../blocked/layout.ts';
import { convolveEachBlocked } from '../blocked/pointwise.ts';
import { Chain } from '../chain.ts';
import { int, outputOf, type Emitter } from '../emitter.ts';
import { positionsOf, scaledBy } from './affine.ts';
import type { Producers } from './gating.ts';
import { groupingOf, normalization } from './group-norm.ts';
import { convolveEach, isPlainPointwise } from './pointwise.ts';

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
 * Group norm of a 1×1 convolution, `y = W·x`, without a pass over y, which is several times larger than x. With μ the mean
 * of x over positions and M that of x·xᵀ, channel c of y has the mean w_c·μ and the mean square w_cᵀ·M·w_c: both moments
 * of a group come from x. The norm's factor and shift are then the filter's and a bias, one per image.
 */
export function lowerFoldedGroupNorm(
  node: NodeOf<'groupNorm'>,
  convolution: NodeOf<'conv2d'>,
  emit: Emitter,
  copies?: BlockedCopies,
): void {
  const { input, filter } = convolution.operands;
  const { scale } = node.operands;
  const { groups } = node.attributes;
  const output = outputOf(node);
  const [batch = 0, channels = 0] = output.shape;
  const [, inputs = 0] = input.shape;
  const chain = new Chain(emit);
  const grouping = groupingOf(output.shape, groups);
  const perGroup = channels / groups;

  // Constants of the filter, which ONNX Runtime folds: of each group Σ w_c and Σ w_c·w_cᵀ, over what is to be a mean.
  const grouped = chain.reshape(filter.name, [groups, perGroup, inputs]);
  const turned = chain.transpose(grouped, [0, 2, 1]);
  const ofMeans = chain.reshape(scaledBy(chain, chain.mean(grouped, [1]), 1 / positionsOf(input.shape)), [
    groups,
    inputs,
  ]);
  const outer = scaledBy(chain, chain.step('MatMul', [turned, grouped]), 1 / grouping.count);
  const ofSquares = chain.reshape(outer, [groups, inputs * inputs]);

  const rows = chain.reshape(input.name, [batch, inputs, positionsOf(input.shape)]);
  const sums = chain.step('ReduceSum', [rows, chain.integers([2])]);
  const products = chain.step('com.microsoft/FusedMatMul', [rows, rows], { transB: int(1) });
  const moments = {
    mean: chain.step('MatMul', [ofMeans, sums]),
    meanSquare: chain.step('MatMul', [ofSquares, chain.reshape(products, [batch, inputs * inputs, 1])]),
  };

  const { deviation, factor, shift } = normalization(chain, node, grouping, moments);
  if (copies) {
    const column = [channels, 1, 1, 1];
    const name = scale ? chain.step('Mul', [filter.name, chain.reshape(scale.name, column)]) : filter.name;
    const factors = { along: 'outputs', values: deviation, count: groups } as const;
    convolveEachBlocked(chain, { name, shape: filter.shape }, factors, input, output, copies, shift);
    return;
  }
  const filters = chain.step('Mul', [
    chain.reshape(filter.name, [1, channels, inputs]),
    chain.reshape(factor, [batch, channels, 1]),
  ]);
  convolveEach(chain, output, input, filters, shift);
}
