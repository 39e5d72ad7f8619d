import type { Tensor4D } from '@tensorflow/tfjs';
import { blockOf } from '../kernels/block.ts';
import type { Context } from '../kernels/context.ts';
import { sumsPerChannel } from '../kernels/sums.ts';
import type { Held } from '../library.ts';
import { cropped, namedPadding, padded, type Geometry } from './geometry.ts';
import { inputFromPhases, tapOf } from './taps.ts';

/** `[kh, kw, 1, C·multiplier]` as the kernels want it, `[kh, kw, C, multiplier]`: a view. */
function kernelFilter({ tf }: Context, filter: Held, { kernel, channels, filters }: Geometry): Tensor4D {
  return tf.reshape(filter, [...kernel, channels, filters / channels]);
}

export function convolveDepthwise(context: Context, input: Held, filter: Held, geometry: Geometry): Held {
  const { tf } = context;
  const padding = namedPadding(geometry);
  const x = padding ? input : padded(tf, input, geometry);
  return tf.depthwiseConv2d(
    x as Tensor4D,
    kernelFilter(context, filter, geometry),
    geometry.stride,
    padding ?? 'valid',
    'NHWC',
    geometry.dilation,
  );
}

/** By the backend's kernel; without dilation. */
export function depthwiseInputGradientKernel(
  context: Context,
  outputGradient: Held,
  filter: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const { batch, input, channels, stride, pads } = geometry;
  const padding = namedPadding(geometry);
  const [height, width] = padding
    ? input
    : ([0, 1].map((axis) => input[axis]! + pads.before[axis]! + pads.after[axis]!) as [number, number]);
  const gradient: Held = tf.engine().runKernel(
    'DepthwiseConv2dNativeBackpropInput',
    { dy: outputGradient, filter: kernelFilter(context, filter, geometry) },
    {
      strides: [stride, stride],
      dilations: [1, 1],
      pad: padding ?? 'valid',
      inputShape: [batch, height, width, channels],
    },
  );
  return cropped(context, gradient, geometry);
}

/** By depthwise convolutions of the gradient with the turned filter, one for each phase of the stride; one filter a channel, no dilation. */
export function depthwiseInputGradientByPhases(
  context: Context,
  outputGradient: Held,
  filter: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const { stride, batch, channels, output } = geometry;
  const taps = kernelFilter(context, filter, geometry);
  const gradient = inputFromPhases(tf, geometry, (rows, columns, [height, width]) => {
    if (rows.length * columns.length === 0) return tf.zeros([batch, height, width, channels]);
    const part = blockOf(context, taps, {
      begin: [rows[0]!.tap, columns[0]!.tap, 0, 0],
      size: [rows.length, columns.length, channels, 1],
      strides: [stride, stride, 1, 1],
    });
    const framed = padded(tf, outputGradient, {
      pads: {
        before: [rows.length - 1, columns.length - 1],
        after: [height - output[0], width - output[1]],
      },
    });
    return tf.depthwiseConv2d(framed as Tensor4D, tf.reverse(part, [0, 1]) as Tensor4D, 1, 'valid');
  });
  return cropped(context, gradient, geometry);
}

/** By the backend's kernel; without dilation. */
export function depthwiseFilterGradientKernel(
  context: Context,
  input: Held,
  outputGradient: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const { kernel, channels, filters, stride } = geometry;
  const padding = namedPadding(geometry);
  const gradient: Held = tf.engine().runKernel(
    'DepthwiseConv2dNativeBackpropFilter',
    { x: padding ? input : padded(tf, input, geometry), dy: outputGradient },
    {
      strides: [stride, stride],
      dilations: [1, 1],
      pad: padding ?? 'valid',
      filterShape: [...kernel, channels, filters / channels],
    },
  );
  return tf.reshape(gradient, [...kernel, 1, filters]);
}

/** By products of each tap with the gradient, summed over images and positions; one filter a channel. */
export function depthwiseFilterGradientByTaps(
  context: Context,
  input: Held,
  outputGradient: Held,
  geometry: Geometry,
): Held {
  const { tf } = context;
  const [height, width] = geometry.kernel;
  const x = padded(tf, input, geometry);
  const sums = Array.from({ length: height * width }, (_, index) => {
    const tap = tapOf(context, x, [Math.floor(index / width), index % width], geometry);
    return sumsPerChannel(context, tf.mul(tap, outputGradient));
  });
  return tf.reshape(tf.concat(sums, 0), [height, width, 1, geometry.channels]);
}
