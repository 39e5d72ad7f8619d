import type { Tensor4D } from '@tensorflow/tfjs';
import type { Shape } from '../../../graph/shape.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import { windowOutput, type Window } from '../../../operators/padding.ts';
import { cropped, padded } from '../convolution/geometry.ts';
import { tapOf } from '../convolution/taps.ts';
import type { Held } from '../library.ts';
import { blockOf } from './block.ts';
import { isAtLeast, put, type Context } from './context.ts';

/** Below every number that a network computes, for padding under a maximum; finite, because 0 · ∞ is no number. */
const lowest = -3e38;

/** Pooling. Padding never counts, which the kernels do not all agree on, so the window is padded here. */
export const poolingKernels: Pick<OperatorTable<Context, readonly Held[]>, 'pool2d' | 'pool2dGradient'> = {
  pool2d(node, context) {
    const { input } = node.operands;
    const { function: kind, window } = node.attributes;
    const x = context.values(input, 'channelsLast');
    const y = kind === 'max' ? maximum(context, x, window) : average(context, x, input.shape, window);
    return [put(context, node.outputs[0]!, y, 'channelsLast')];
  },

  pool2dGradient(node, context) {
    const { outputGradient, input } = node.operands;
    const { function: kind, window } = node.attributes;
    const x = context.values(input, 'channelsLast');
    const dy = context.values(outputGradient, 'channelsLast');
    const dx =
      kind === 'max'
        ? maximumGradient(context, x, dy, window)
        : averageGradient(context, dy, input.shape, window);
    return [put(context, node.outputs[0]!, dx, 'channelsLast')];
  },
};

function maximum(context: Context, input: Held, window: Window): Held {
  const x = padded(context.tf, input, window, lowest);
  if (window.dilation === 1)
    return context.tf.maxPool(x as Tensor4D, [...window.kernel], window.stride, 'valid');
  return tapsOf(context, x, window).reduce((largest, tap) => context.tf.maximum(largest, tap));
}

function average(context: Context, input: Held, shape: Shape, window: Window): Held {
  const { tf } = context;
  const taps = tapsOf(context, padded(tf, input, window), window);
  return tf.mul(
    taps.reduce((sum, tap) => tf.add(sum, tap)),
    shares(context, shape, window),
  );
}

/** Each window's gradient goes to the first of its largest elements. */
function maximumGradient(context: Context, input: Held, dy: Held, window: Window): Held {
  const { tf } = context;
  const x = padded(tf, input, window, lowest);
  const taps = tapsOf(context, x, window);
  const largest = taps.reduce((most, tap) => tf.maximum(most, tap));
  let left = dy;
  const gradients = taps.map((tap) => {
    const taken = tf.mul(left, isAtLeast(context, tap, largest));
    left = tf.sub(left, taken);
    return taken;
  });
  return scattered(context, gradients, input.shape, window);
}

function averageGradient(context: Context, dy: Held, shape: Shape, window: Window): Held {
  const share = context.tf.mul(dy, shares(context, shape, window));
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const gradients = new Array<Held>(window.kernel[0] * window.kernel[1]).fill(share);
  return scattered(context, gradients, [batch, height, width, channels], window);
}

/** 1 / number of taps that are inside the image, `[1, H', W', 1]`. */
function shares({ tf }: Context, [, , height = 0, width = 0]: Shape, window: Window): Held {
  const output = windowOutput([height, width], window);
  const inside = [height, width].map((extent, axis) =>
    Array.from({ length: output[axis]! }, (_, position) => {
      const start = position * window.stride - window.pads.before[axis]!;
      return Array.from({ length: window.kernel[axis]! }, (_, tap) => start + tap * window.dilation).filter(
        (at) => at >= 0 && at < extent,
      ).length;
    }),
  );
  const values = inside[0]!.flatMap((rows) => inside[1]!.map((columns) => 1 / (rows * columns)));
  return tf.tensor4d(values, [1, ...output, 1]);
}

function tapsOf(context: Context, x: Held, window: Window): Held[] {
  const geometry = { ...window, output: windowOutput([x.shape[1]!, x.shape[2]!], unpadded(window)) };
  return eachTap(window).map((tap) => tapOf(context, x, tap, geometry));
}

/** The sum of what the taps send back to where they read it: `[N, H', W', C]` each → `[N, H, W, C]`. */
function scattered(context: Context, taps: readonly Held[], shape: Shape, window: Window): Held {
  const { tf } = context;
  const { stride, dilation, pads } = window;
  const input = [shape[1]!, shape[2]!] as const;
  const extents = [0, 1].map((axis) => input[axis]! + pads.before[axis]! + pads.after[axis]!);
  const placed = eachTap(window).map((tap, index) => {
    const spread = withZeros(context, taps[index]!, stride);
    const frame = [0, 1].map((axis): [number, number] => {
      const before = tap[axis]! * dilation;
      return [before, Math.max(0, extents[axis]! - before - spread.shape[1 + axis]!)];
    });
    const whole = tf.pad(spread, [[0, 0], frame[0]!, frame[1]!, [0, 0]]);
    return blockOf(context, whole, {
      begin: [0, 0, 0, 0],
      size: [shape[0]!, extents[0]!, extents[1]!, shape[3]!],
    });
  });
  return cropped(
    context,
    placed.reduce((sum, part) => tf.add(sum, part)),
    { pads, input },
  );
}

/** Each row and column followed by stride − 1 of zeros. */
function withZeros({ tf }: Context, x: Held, stride: number): Held {
  if (stride === 1) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const columns = tf.pad(tf.reshape(x, [batch * height * width, channels]), [
    [0, 0],
    [0, (stride - 1) * channels],
  ]);
  const row = width * stride * channels;
  const rows = tf.pad(tf.reshape(columns, [batch * height, row]), [
    [0, 0],
    [0, (stride - 1) * row],
  ]);
  return tf.reshape(rows, [batch, height * stride, width * stride, channels]);
}

function eachTap({ kernel: [height, width] }: Window): [number, number][] {
  return Array.from({ length: height * width }, (_, index) => [Math.floor(index / width), index % width]);
}

function unpadded(window: Window): Window {
  return { ...window, pads: { before: [0, 0], after: [0, 0] } };
}
