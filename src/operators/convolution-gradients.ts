import { require, type Operator } from '../graph/operator.ts';
import { formatShape, sameShape, size, type Shape } from '../graph/shape.ts';
import { extents4 } from './extents.ts';
import { windowOutput, type Pads } from './padding.ts';

interface ConvolutionGeometry {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly pads: Pads;
}

/**
 * Gradient of a convolution with respect to its input: outputGradient `[N, M, H', W']`, filter `[M, C/groups, kh, kw]`
 * → `inputShape`. The same MACs as forward: every product of the forward pass is met once.
 */
export const conv2dInputGradient: Operator<
  'conv2dInputGradient',
  'outputGradient' | 'filter',
  never,
  ConvolutionGeometry & { readonly inputShape: Shape }
> = {
  name: 'conv2dInputGradient',
  shapes({ outputGradient, filter }, { inputShape, ...geometry }) {
    requireForwardShapes(inputShape, filter, outputGradient, geometry);
    return [inputShape];
  },
  work: ({ operands: { outputGradient, filter } }) => forwardWork(outputGradient, filter),
};

/**
 * Gradient of a convolution with respect to its filter: input `[N, C, H, W]`, outputGradient `[N, M, H', W']` →
 * `filterShape`. The same MACs as forward: groups do not multiply them, a filter sees its own group only.
 */
export const conv2dFilterGradient: Operator<
  'conv2dFilterGradient',
  'input' | 'outputGradient',
  never,
  ConvolutionGeometry & { readonly filterShape: Shape }
> = {
  name: 'conv2dFilterGradient',
  shapes({ input, outputGradient }, { filterShape, ...geometry }) {
    requireForwardShapes(input, filterShape, outputGradient, geometry);
    return [filterShape];
  },
  work: ({ operands: { outputGradient }, attributes: { filterShape } }) =>
    forwardWork(outputGradient, filterShape),
};

function forwardWork(outputGradient: Shape, filter: Shape) {
  const [, channelsPerGroup, kernelHeight, kernelWidth] = extents4(filter, 'filter');
  const macs = size(outputGradient) * channelsPerGroup * kernelHeight * kernelWidth;
  return { macs, arithmetic: 0, transcendental: 0 };
}

function requireForwardShapes(
  input: Shape,
  filter: Shape,
  outputGradient: Shape,
  { stride, dilation, groups, pads }: ConvolutionGeometry,
): void {
  const [batch, channels, height, width] = extents4(input, 'input');
  const [filters, channelsPerGroup, kernelHeight, kernelWidth] = extents4(filter, 'filter');
  require(channelsPerGroup * groups ===
    channels, `a filter for ${channelsPerGroup * groups} channels, not ${channels}`);
  const window = { kernel: [kernelHeight, kernelWidth] as const, stride, dilation, pads };
  const output = [batch, filters, ...windowOutput([height, width], window)];
  require(sameShape(
    output,
    outputGradient,
  ), `the forward result is ${formatShape(output)}, its gradient ${formatShape(outputGradient)}`);
}
