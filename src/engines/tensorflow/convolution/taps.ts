import { blockOf } from '../kernels/block.ts';
import type { Context } from '../kernels/context.ts';
import type { Held, TensorFlow } from '../library.ts';
import type { Geometry } from './geometry.ts';

type Window = Pick<Geometry, 'stride' | 'dilation' | 'output'>;

/** What one tap of a window meets: padded input `[N, H, W, C]` → `[N, H', W', C]`. */
export function tapOf(
  context: Context,
  x: Held,
  [row, column]: readonly [number, number],
  { stride, dilation, output: [height, width] }: Window,
): Held {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  return blockOf(context, x, {
    begin: [0, row * dilation, column * dilation, 0],
    size: [batch, height, width, channels],
    strides: [1, stride, stride, 1],
  });
}

/** A phase of a strided window: the taps that meet every `stride`-th row, and how many rows of output ago. */
export interface PhaseTap {
  readonly tap: number;
  readonly lag: number;
}

/** The taps along one axis by the phase of the padded input that they meet. */
function phasesOf(kernel: number, { stride, dilation }: Window): PhaseTap[][] {
  return Array.from({ length: stride }, (_, phase) =>
    Array.from({ length: kernel }, (_, tap) => tap)
      .filter((tap) => (tap * dilation) % stride === phase)
      .map((tap) => ({ tap, lag: (tap * dilation - phase) / stride })),
  );
}

/**
 * The gradient of a window's padded input, phase by phase: position q·stride + r of it is met by the taps of phase r
 * alone, each at output position q − lag. So each phase is a convolution of its own with stride 1, and no product with
 * an inserted zero is computed. `ofPhase` gives one phase, `[N, Q, Q', C]`, or undefined where no tap meets it.
 */
export function inputFromPhases(
  tf: TensorFlow,
  geometry: Geometry,
  ofPhase: (
    rows: readonly PhaseTap[],
    columns: readonly PhaseTap[],
    extents: readonly [number, number],
  ) => Held,
): Held {
  const { stride, kernel, pads, input } = geometry;
  const extents = [0, 1].map((axis) =>
    Math.ceil((input[axis]! + pads.before[axis]! + pads.after[axis]!) / stride),
  ) as [number, number];
  const columnPhases = phasesOf(kernel[1], geometry);
  const rows = phasesOf(kernel[0], geometry).map((rowTaps) =>
    interleaved(
      tf,
      columnPhases.map((columnTaps) => ofPhase(rowTaps, columnTaps, extents)),
      2,
    ),
  );
  return interleaved(tf, rows, 1);
}

/** Images whose rows (axis 1) or columns (axis 2) take turns. */
function interleaved(tf: TensorFlow, images: readonly Held[], axis: 1 | 2): Held {
  const [first] = images;
  if (images.length === 1) return first!;
  const [batch, height, width, channels] = first!.shape as [number, number, number, number];
  const count = images.length;
  if (axis === 2) return tf.reshape(tf.concat([...images], 3), [batch, height, width * count, channels]);
  const rows = images.map((image) => tf.reshape(image, [batch, height, width * channels]));
  return tf.reshape(tf.concat(rows, 2), [batch, height * count, width, channels]);
}
