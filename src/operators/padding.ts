import { require } from '../graph/operator.ts';

/** Rows or columns added before and after, per axis `[height, width]`. */
export interface Pads {
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/**
 * How a convolution pads.
 *
 * - `same`: TensorFlow's rule. Output extent ⌈input / stride⌉; an odd row or column goes to the end.
 * - `symmetric`: PyTorch's usual choice, (dilation·(kernel − 1) + 1) / 2 rounded down on both sides; for odd kernels
 *   it gives the same extents as `same` and differs only in where a stride of 2 starts.
 */
export const paddingRules = ['same', 'symmetric'] as const;
export type PaddingRule = (typeof paddingRules)[number];

/** What a layer can ask for in place of the network's rule; `valid` is no padding at all. */
export type LayerPadding = PaddingRule | 'valid';

export const noPads: Pads = { before: [0, 0], after: [0, 0] };

/** A window that slides over two axes; kernels, strides and dilations are square in every network here. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly pads: Pads;
}

/** Resolves a padding rule for an input of the given height and width. */
export function resolvePads(
  rule: LayerPadding,
  [height, width]: readonly [number, number],
  kernel: number,
  stride: number,
  dilation = 1,
): Pads {
  if (rule === 'valid') return noPads;
  const span = dilation * (kernel - 1) + 1;
  const total = (extent: number) =>
    rule === 'same'
      ? Math.max(0, (Math.ceil(extent / stride) - 1) * stride + span - extent)
      : 2 * Math.floor((span - 1) / 2);
  const [vertical, horizontal] = [total(height), total(width)];
  const before = [Math.floor(vertical / 2), Math.floor(horizontal / 2)] as const;
  return { before, after: [vertical - before[0], horizontal - before[1]] };
}

/** Height and width of what a window makes of `[height, width]`. Throws `Mismatch` when it does not fit inside. */
export function windowOutput(input: readonly [number, number], window: Window): [number, number] {
  const extents = input.map((extent, axis) => {
    const span = window.dilation * ((window.kernel[axis] ?? 1) - 1) + 1;
    const padded = extent + (window.pads.before[axis] ?? 0) + (window.pads.after[axis] ?? 0);
    require(padded >= span, `a window of ${span} does not fit into ${padded} (padding included)`);
    return Math.floor((padded - span) / window.stride) + 1;
  });
  return pair(extents);
}

/** How many of a window's taps fall inside the input, not on padding, on average over its positions. */
export function meanTapsInside(input: readonly [number, number], window: Window): number {
  const output = windowOutput(input, window);
  return input.reduce((product, extent, axis) => {
    let inside = 0;
    for (let position = 0; position < (output[axis] ?? 0); position++) {
      for (let tap = 0; tap < (window.kernel[axis] ?? 0); tap++) {
        const at = position * window.stride - (window.pads.before[axis] ?? 0) + tap * window.dilation;
        if (at >= 0 && at < extent) inside++;
      }
    }
    return (product * inside) / (output[axis] ?? 1);
  }, 1);
}

function pair(values: readonly number[]): [number, number] {
  return [values[0] ?? 0, values[1] ?? 0];
}
