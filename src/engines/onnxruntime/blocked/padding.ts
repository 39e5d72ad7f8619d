import { sum } from 'simple-statistics';
import type { Chain } from '../chain.ts';
import { convolveBlocked, type BlockedConvolution } from './layout.ts';

/** Positions of a row that the kernel for AVX-512 computes side by side, where so many are left. */
const atOnce = [6, 3, 2, 1] as const;

/** Turns before over turns after; less is not worth a pass over the input. */
const leastGain = 1.25;

/**
 * A blocked convolution computes up to six positions of a row at once, but one by one those whose window reaches into
 * the padding. With one block of filters a group, a position alone has one sum in flight and takes as long as six: on
 * narrow maps most of the time goes to the edges. Columns of zeros around the input, which a pass writes, leave no
 * edges: 1.3 to 1.5 times faster, the pass included, with 5×5 filters on 7×7 and 14×14. Padding above and below costs
 * nothing, the kernel skips those rows.
 *
 * The pass is a convolution because that is what writes blocks. Its products with one are not among the executed MACs:
 * they copy, as `Pad` would, and are 0.4 % of the convolution's own (5×5 in groups of 16 on 7×7; 3×3: 0.9 %).
 *
 * Returns the input, of `width` columns, and the geometry to convolve it with, as they are where it does not pay.
 */
export function widened(
  chain: Chain,
  input: string,
  { channels, width }: { readonly channels: number; readonly width: number },
  geometry: Required<BlockedConvolution>,
): { input: string; geometry: Required<BlockedConvolution> } {
  const { kernel, stride, dilation, pads } = geometry;
  const [top, left, bottom, right] = pads;
  const outputs = Math.floor((width + left + right - dilation * (kernel[1] - 1) - 1) / stride) + 1;
  /** Parts of each position's taps that are inside. */
  const inside = Array.from({ length: outputs }, (_, position) => {
    const columns = Array.from({ length: kernel[1] }, (_, tap) => position * stride - left + tap * dilation);
    return columns.filter((column) => column >= 0 && column < width).length / kernel[1];
  });
  const edges = inside.filter((part) => part < 1);
  if (sum(edges) + turns(outputs - edges.length) < leastGain * turns(outputs)) return { input, geometry };
  const ones = chain.floats([channels, 1, 1, 1], 1);
  return {
    input: convolveBlocked(chain, input, ones, {
      kernel: [1, 1],
      groups: channels,
      pads: [0, left, 0, right],
    }),
    geometry: { ...geometry, pads: [top, 0, bottom, 0] },
  };
}

/**
 * The time in which the kernel computes so many positions with one or two blocks of filters: a turn takes as long as a sum
 * waits for itself, which is enough for four sums on each of two units.
 */
export function turns(positions: number, blocks: 1 | 2 = 1): number {
  let [rest, time] = [positions, 0];
  for (const step of atOnce) {
    time += Math.floor(rest / step) * Math.max(1, (step * blocks) / 8);
    rest %= step;
  }
  return time;
}
