import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { inverseDeviation, positionsOf, scaledBy, varianceOf } from '../fast/affine.ts';
import { factorAndShift, groupingOf, sumGroups } from '../fast/group-norm.ts';
import { convolveBlocked, meanOverPositions, type BlockedCopies } from './layout.ts';
import { affineBlocked } from './pointwise.ts';

/**
 * Group norm of blocked data, as in `fast/group-norm.ts`; groups may cut through blocks. Σx² per channel is the depthwise
 * convolution of the whole map with itself: blocked data of one image and blocked depthwise filters have one layout.
 */
export function lowerBlockedGroupNorm(
  node: NodeOf<'groupNorm'>,
  emit: Emitter,
  copies: BlockedCopies,
  input: string,
): void {
  const output = outputOf(node);
  const { shape } = output;
  const { groups, epsilon } = node.attributes;
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  const lanes = batch * channels;
  const perGroup = channels / groups;
  const chain = new Chain(emit);
  const grouping = groupingOf(shape, groups);
  const overGroups = (values: string, divisor: number) =>
    scaledBy(chain, sumGroups(chain, values, grouping), 1 / divisor);

  const map = chain.reshape(input, [1, lanes, height, width]);
  const squares = convolveBlocked(chain, map, chain.reshape(input, [lanes, 1, height, width]), {
    kernel: [height, width],
    groups: lanes,
  });
  const average = overGroups(meanOverPositions(chain, input, shape), perGroup);
  const meanSquare = overGroups(chain.reshape(squares, [batch, channels]), perGroup * positionsOf(shape));
  const deviation = inverseDeviation(chain, varianceOf(chain, meanSquare, average), epsilon);
  const { factor, shift } = factorAndShift(chain, node, grouping, average, deviation);
  copies.give(chain, output, affineBlocked(chain, input, shape, factor, shift));
}
