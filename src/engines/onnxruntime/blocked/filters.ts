import type { Chain } from '../chain.ts';
import type { Shape } from '../../../graph/shape.ts';

/** The layouts that blocked convolutions want their filters in; `block` is B. */

/** Depthwise `[C, 1, kh, kw]` as `[C/B, kh, kw, B]`; `taps` picks and orders taps (all, as they are, by default). */
export function blockedDepthwise(
  chain: Chain,
  filter: string,
  shape: Shape,
  block: number,
  taps?: readonly number[],
): string {
  const [channels = 0, , height = 0, width = 0] = shape;
  let columns = chain.reshape(filter, [channels / block, block, height * width]);
  if (taps) columns = chain.gather(columns, taps, 2);
  return chain.transpose(columns, [0, 2, 1]);
}

/** Grouped `[O, I, kh, kw]` as `[O/B, I/B, kh, kw, B in, B out]`. */
export function blockedGrouped(chain: Chain, filter: string, shape: Shape, block: number): string {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const split = chain.reshape(filter, [outputs / block, block, inputs / block, block, height * width]);
  return chain.transpose(split, [0, 2, 4, 3, 1]);
}

/** The filter of the transposed convolution, group by group in and out exchanged, with the taps `taps`, blocked. */
export function blockedTransposed(
  chain: Chain,
  filter: string,
  shape: Shape,
  groups: number,
  block: number,
  taps: readonly number[],
): string {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const outBlocks = outputs / groups / block;
  const split = [groups, outBlocks, block, inputs / block, block, height * width];
  const picked = chain.gather(chain.reshape(filter, split), taps, 5);
  // [g, O/B, B out, I/B, B in, taps] → [g, I/B, O/B, taps, B out, B in]
  return chain.transpose(picked, [0, 3, 1, 5, 2, 4]);
}

/** A filter whose input has fewer channels than a block, `[O, I, kh, kw]`, as `[O/B, I, kh, kw, B]`. */
export function blockedOutputs(chain: Chain, filter: string, shape: Shape, block: number): string {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const split = chain.reshape(filter, [outputs / block, block, inputs * height * width]);
  return chain.transpose(split, [0, 2, 1]);
}
