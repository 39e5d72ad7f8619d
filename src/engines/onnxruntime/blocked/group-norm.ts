import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { positionsOf, scaledBy } from '../fast/affine.ts';
import { groupingOf, normalization } from '../fast/group-norm.ts';
import { convolveBlocked, meanOverPositions, type BlockedCopies } from './layout.ts';
import { affineBlocked } from './pointwise.ts';

/**
 * Group norm of blocked data, as in `fast/group-norm.ts`; groups may cut through blocks. Σx² per channel is the depthwise
 * convolution of the whole map with itself: blocked data of one image and blocked depthwise filters have one layout.
 */
export function lowerBlockedGroupNorm(node: NodeOf<'groupNorm'>, emit: Emitter, copies: BlockedCopies): void {
  const { input } = node.operands;
  const { groups } = node.attributes;
  const output = outputOf(node);
  const [batch = 0, channels = 0] = output.shape;
  const lanes = batch * channels;
  const positions = positionsOf(output.shape);
  const chain = new Chain(emit);
  const grouping = groupingOf(output.shape, groups);

  const lines = copies.asLines(chain, input);
  const filters = copies.of(chain, input, [lanes, 1, 1, positions], lines.rows);
  const squares = convolveBlocked(chain, lines.name, filters, { kernel: [1, positions], groups: lanes });
  const means = meanOverPositions(chain, lines.name);
  const overGroups = (values: string) => chain.mean(chain.reshape(values, grouping.split), [2]);
  const { factor, shift } = normalization(chain, node, grouping, {
    mean: overGroups(means),
    meanSquare: scaledBy(chain, overGroups(squares), 1 / positions),
  });
  copies.give(chain, output, affineBlocked(chain, lines, factor, shift));
}
