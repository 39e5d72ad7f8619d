import type { NodeOf } from '../../../operators/registry.ts';
import type { Shape } from '../../../graph/shape.ts';
import type { Chain } from '../chain.ts';
import { outputOf } from '../emitter.ts';
import { turns } from './padding.ts';

/** Time of one row at a time over that of two; less is not worth a pass over the output, which puts rows in order. */
const leastGain = 1.2;

/**
 * Whether a convolution with one block of filters a group is faster two rows of positions at a time: as filters of one
 * row of taps more, once shifted by a row, at every other row. A single block of filters has at most six sums in flight
 * where the processor could do with eight; two blocks have twelve, and lose less at the end of a row. The added row of
 * zeros takes a part of that away: 5×5 filters on rows of 14 and 28 positions are 1.25 times faster, 3×3 hardly.
 */
export function paysInPairs(node: NodeOf<'conv2d'>): boolean {
  const { stride, dilation } = node.attributes;
  const [, , height = 0, width = 0] = outputOf(node).shape;
  const taps = node.operands.filter.shape[2]!;
  if (stride !== 1 || dilation !== 1 || height % 2 !== 0) return false;
  return 2 * taps * turns(width, 1) >= leastGain * (taps + 1) * turns(width, 2);
}

/** The filters of a pair of rows, `[2·O, I, kh + 1, kw]`, group by group those of the upper row first. */
export function pairFilter(
  chain: Chain,
  { name, shape }: { readonly name: string; readonly shape: Shape },
  groups: number,
): { name: string; shape: Shape } {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const zeros = chain.floats([outputs, inputs, 1, width], 0);
  const perGroup = [groups, (outputs / groups) * inputs * (height + 1) * width];
  const upper = chain.reshape(chain.concat([name, zeros], 2), perGroup);
  const lower = chain.reshape(chain.concat([zeros, name], 2), perGroup);
  const pair = [2 * outputs, inputs, height + 1, width];
  return { name: chain.reshape(chain.concat([upper, lower], 1), pair), shape: pair };
}
