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

/**
 * Grouped `[O, I, kh, kw]` as `[O/B, I/B, kh, kw, B in, B out]`: a transposition that moves one axis, then a gathering of
 * lines of B. As one transposition of five axes it takes four times as long.
 */
export function blockedGrouped(chain: Chain, filter: string, shape: Shape, block: number): string {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const taps = height * width;
  const lines = chain.reshape(filter, [outputs / block, block, inputs * taps]);
  const order: number[] = [];
  for (let first = 0; first < inputs; first += block)
    for (let tap = 0; tap < taps; tap++)
      for (let lane = 0; lane < block; lane++) order.push((first + lane) * taps + tap);
  return chain.gather(chain.transpose(lines, [0, 2, 1]), order, 1);
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
  const perGroup = outputs / groups;
  const lines = chain.reshape(filter, [groups, perGroup * inputs, height * width]);
  const picked = chain.gather(chain.transpose(lines, [0, 2, 1]), taps, 1);
  if (perGroup === block && inputs === block) return picked;
  const split = [groups, taps.length, perGroup / block, block, inputs / block, block];
  // [g, taps, O/B, B out, I/B, B in] → [g, I/B, O/B, taps, B out, B in]
  return chain.transpose(chain.reshape(picked, split), [0, 4, 2, 1, 3, 5]);
}

/** A filter whose input has fewer channels than a block, `[O, I, kh, kw]`, as `[O/B, I, kh, kw, B]`. */
export function blockedOutputs(chain: Chain, filter: string, shape: Shape, block: number): string {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const split = chain.reshape(filter, [outputs / block, block, inputs * height * width]);
  return chain.transpose(split, [0, 2, 1]);
}
