import type { Abilities } from '../library.ts';
import { isDepthwise, isPointwise, type Geometry } from './geometry.ts';

export type ConvolutionPart = 'forward' | 'inputGradient' | 'filterGradient';

/**
 * How a convolution is computed: by the backend's own kernel for it; as one product of matrices, which is all that a
 * pointwise convolution is; or, where there is no kernel, from taps or phases of its window.
 */
export type Method =
  | 'kernel'
  | 'depthwiseKernel'
  | 'product'
  /** Depthwise, one filter a channel: elementwise products, or convolutions with parts of the filter. */
  | 'depthwiseParts'
  | 'taps';

export function methodOf(part: ConvolutionPart, geometry: Geometry, abilities: Abilities): Method {
  const { groups, stride, dilation, channels, filters } = geometry;
  if (groups === 1 && stride === 1 && isPointwise(geometry)) return 'product';
  // TensorFlow's kernels take a stride or a dilation, and their gradients no dilation.
  const suitsKernels = part === 'forward' ? stride === 1 || dilation === 1 : dilation === 1;
  if (isDepthwise(geometry)) {
    if (!suitsKernels) return 'taps';
    if (part === 'forward') return 'depthwiseKernel';
    const hasKernel =
      part === 'inputGradient' ? abilities.depthwiseInputGradient : abilities.depthwiseFilterGradient;
    if (hasKernel) return 'depthwiseKernel';
    return filters === channels ? 'depthwiseParts' : 'taps';
  }
  if (!suitsKernels || (groups > 1 && !abilities.groupedConvolution)) return 'taps';
  return part === 'filterGradient' && !abilities.filterGradient ? 'taps' : 'kernel';
}
