import type { OperatorTable } from '../../../operators/registry.ts';
import { put, type Context } from '../kernels/context.ts';
import { products } from '../kernels/products.ts';
import type { Held } from '../library.ts';
import {
  convolveDepthwise,
  depthwiseFilterGradientByTaps,
  depthwiseFilterGradientKernel,
  depthwiseInputGradientByPhases,
  depthwiseInputGradientKernel,
} from './depthwise.ts';
import { cropped, geometryOf, namedPadding, padded, type Geometry } from './geometry.ts';
import { convolveByTaps, filterGradientByTaps, inputGradientByTaps } from './grouped.ts';
import { methodOf, type Method } from './method.ts';

type Part = (context: Context, first: Held, second: Held, geometry: Geometry) => Held;

const forward: Record<Method, Part> = {
  kernel: convolveKernel,
  depthwiseKernel: convolveDepthwise,
  product: (context, input, filter, geometry) => {
    const { tf } = context;
    const result = products(context, asMatrix(context, input), filterMatrix(context, filter, geometry));
    return tf.reshape(result, [geometry.batch, ...geometry.output, geometry.filters]);
  },
  depthwiseParts: convolveDepthwise,
  taps: convolveByTaps,
};

const inputGradient: Record<Method, Part> = {
  kernel: inputGradientKernel,
  depthwiseKernel: depthwiseInputGradientKernel,
  product: (context, outputGradient, filter, geometry) => {
    const weights = filterMatrix(context, filter, geometry);
    const result = products(context, asMatrix(context, outputGradient), weights, { right: true });
    return context.tf.reshape(result, [geometry.batch, ...geometry.input, geometry.channels]);
  },
  depthwiseParts: depthwiseInputGradientByPhases,
  taps: inputGradientByTaps,
};

const filterGradient: Record<Method, Part> = {
  kernel: filterGradientKernel,
  depthwiseKernel: depthwiseFilterGradientKernel,
  product: (context, input, outputGradient, { channels, filters }) => {
    const [x, dy] = [asMatrix(context, input), asMatrix(context, outputGradient)];
    return context.tf.reshape(products(context, x, dy, { left: true }), [1, 1, channels, filters]);
  },
  depthwiseParts: depthwiseFilterGradientByTaps,
  taps: filterGradientByTaps,
};

/** Convolutions and their gradients, each by the method that its geometry and the backend allow. */
export const convolutionKernels: Pick<
  OperatorTable<Context, readonly Held[]>,
  'conv2d' | 'conv2dInputGradient' | 'conv2dFilterGradient'
> = {
  conv2d(node, context) {
    const { input, filter, bias } = node.operands;
    const geometry = geometryOf(input.shape, filter.shape, node.attributes);
    const convolve = forward[methodOf('forward', geometry, context.abilities)];
    const y = convolve(
      context,
      context.values(input, 'channelsLast'),
      context.values(filter, 'filter'),
      geometry,
    );
    const sum = bias ? context.tf.add(y, context.values(bias)) : y;
    return [put(context, node.outputs[0]!, sum, 'channelsLast')];
  },

  conv2dInputGradient(node, context) {
    const { outputGradient, filter } = node.operands;
    const geometry = geometryOf(node.attributes.inputShape, filter.shape, node.attributes);
    const gradient = inputGradient[methodOf('inputGradient', geometry, context.abilities)];
    const dx = gradient(
      context,
      context.values(outputGradient, 'channelsLast'),
      context.values(filter, 'filter'),
      geometry,
    );
    return [put(context, node.outputs[0]!, dx, 'channelsLast')];
  },

  conv2dFilterGradient(node, context) {
    const { input, outputGradient } = node.operands;
    const geometry = geometryOf(input.shape, node.attributes.filterShape, node.attributes);
    const gradient = filterGradient[methodOf('filterGradient', geometry, context.abilities)];
    const dw = gradient(
      context,
      context.values(input, 'channelsLast'),
      context.values(outputGradient, 'channelsLast'),
      geometry,
    );
    return [put(context, node.outputs[0]!, dw, 'filter')];
  },
};

/** Straight to the kernel: the library's function refuses groups, which the native kernel can. */
function convolveKernel(context: Context, input: Held, filter: Held, geometry: Geometry): Held {
  const { stride, dilation } = geometry;
  const padding = namedPadding(geometry);
  return context.tf.engine().runKernel(
    'Conv2D',
    { x: padding ? input : padded(context.tf, input, geometry), filter },
    {
      strides: [stride, stride],
      pad: padding ?? 'valid',
      dataFormat: 'NHWC',
      dilations: [dilation, dilation],
    },
  );
}

function inputGradientKernel(context: Context, dy: Held, filter: Held, geometry: Geometry): Held {
  const { batch, channels, input, pads, stride } = geometry;
  const padding = namedPadding(geometry);
  const [height, width] = padding
    ? input
    : ([0, 1].map((axis) => input[axis]! + pads.before[axis]! + pads.after[axis]!) as [number, number]);
  const gradient: Held = context.tf.engine().runKernel(
    'Conv2DBackpropInput',
    { dy, filter },
    {
      strides: [stride, stride],
      pad: padding ?? 'valid',
      dataFormat: 'NHWC',
      inputShape: [batch, height, width, channels],
    },
  );
  return cropped(context, gradient, geometry);
}

function filterGradientKernel(context: Context, input: Held, dy: Held, geometry: Geometry): Held {
  const { kernel, channels, groups, filters, stride } = geometry;
  const padding = namedPadding(geometry);
  return context.tf.engine().runKernel(
    'Conv2DBackpropFilter',
    { x: padding ? input : padded(context.tf, input, geometry), dy },
    {
      strides: [stride, stride],
      pad: padding ?? 'valid',
      dataFormat: 'NHWC',
      filterShape: [...kernel, channels / groups, filters],
    },
  );
}

/** `[N, H, W, C]` → `[1, N·H·W, C]` */
function asMatrix({ tf }: Context, x: Held): Held {
  const channels = x.shape[3]!;
  return tf.reshape(x, [1, x.size / channels, channels]);
}

/** `[1, 1, C, M]` → `[1, C, M]` */
function filterMatrix({ tf }: Context, filter: Held, { channels, filters }: Geometry): Held {
  return tf.reshape(filter, [1, channels, filters]);
}
