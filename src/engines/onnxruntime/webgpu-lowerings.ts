import type { NodeOf, OperatorTable } from '../../operators/registry.ts';
import { Chain } from './chain.ts';
import { int, ints, outputOf, type Emitter } from './emitter.ts';
import { lowerPointwiseInputGradient } from './fast/pointwise.ts';
import { lowerPoolGradient } from './standard/pooling.ts';
import { standardLowerings } from './standard/table.ts';

/**
 * Values that one thread of a convolution's shader may add up. A filter gradient as a convolution has few outputs and a
 * window as large as the image; where that is longer, many small products keep the card busier. A judgement from how
 * the shaders are written: no graphics card was at hand to measure on.
 */
const longestSum = 4096;

/** Standard operators, all of which ONNX Runtime has as WebGPU shaders. */
export const webgpuLowerings: OperatorTable<Emitter, void> = {
  ...standardLowerings,

  conv2dInputGradient(node, emit) {
    const { stride, groups, pads } = node.attributes;
    const [, , height, width] = node.operands.filter.shape;
    const isPointwise = height === 1 && width === 1 && stride === 1 && groups === 1;
    if (isPointwise && [...pads.before, ...pads.after].every((amount) => amount === 0))
      lowerPointwiseInputGradient(node, emit);
    else standardLowerings.conv2dInputGradient(node, emit);
  },

  conv2dFilterGradient(node, emit) {
    const [batch = 0, , height = 0, width = 0] = node.operands.outputGradient.shape;
    const [, , kernelHeight, kernelWidth] = node.attributes.filterShape;
    const isPointwise = kernelHeight === 1 && kernelWidth === 1;
    if (isPointwise || batch * height * width > longestSum) lowerFilterGradientByTaps(node, emit);
    else standardLowerings.conv2dFilterGradient(node, emit);
  },

  /**
   * The shader of a transposed convolution reads channels two or four at once where a group has one output and an even
   * number of inputs, four or more, and is wrong for more than one group (ONNX Runtime 1.30): the number is made odd.
   */
  pool2dGradient(node, emit) {
    const [height, width] = node.attributes.window.kernel;
    const taps = height * width;
    lowerPoolGradient(node, emit, taps % 2 === 0 ? taps + 1 : taps);
  },

  /** WebGPU has no LogSoftmax. */
  softmaxCrossEntropy(node, emit) {
    const { logits, labels } = node.operands;
    const chain = new Chain(emit);
    const largest = chain.step('ReduceMax', [logits.name], { axes: ints([1]) });
    const shifted = chain.step('Sub', [logits.name, largest]);
    const total = chain.step('ReduceSum', [chain.step('Exp', [shifted]), chain.integers([1])]);
    const logs = chain.step('Sub', [shifted, chain.step('Log', [total])]);
    const sum = chain.sum(chain.step('Mul', [logs, labels.name]), [0, 1]);
    chain.result(outputOf(node), 'Mul', [sum, chain.floats([], -1 / logits.shape[0]!)]);
  },
};

/**
 * For each tap of the filter the input, shifted by it, against the output's gradient: a matrix product over positions for
 * each image and group, or, for depthwise filters, a product and a sum.
 */
export function lowerFilterGradientByTaps(node: NodeOf<'conv2dFilterGradient'>, emit: Emitter): void {
  const { input, outputGradient } = node.operands;
  const { stride, dilation, groups, pads, filterShape } = node.attributes;
  const [batch = 0, , height = 0, width = 0] = input.shape;
  const [, filters = 0, outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, perGroup = 0, kernelHeight = 0, kernelWidth = 0] = filterShape;
  const chain = new Chain(emit);
  const isDepthwise = perGroup === 1 && filters === groups;
  const positions = outHeight * outWidth;
  const reach = [
    stride * (outHeight - 1) + dilation * (kernelHeight - 1) + 1,
    stride * (outWidth - 1) + dilation * (kernelWidth - 1) + 1,
  ] as const;
  // Rows and columns that the stride leaves over are not reached by any tap.
  const [top, left] = pads.before;
  const [bottom, right] = [reach[0] - height - top, reach[1] - width - left];
  const after = [Math.max(0, bottom), Math.max(0, right)] as const;
  const padded =
    top + left + after[0] + after[1] === 0
      ? input.name
      : chain.step('Pad', [input.name, chain.integers([0, 0, top, left, 0, 0, after[0], after[1]])]);
  const gradient = isDepthwise
    ? outputGradient.name
    : chain.reshape(outputGradient.name, [batch, groups, filters / groups, positions]);

  const taps: string[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const seen = shifted(chain, padded, [row * dilation, column * dilation]);
      if (isDepthwise) {
        const sums = chain.sum(chain.step('Mul', [seen, gradient]), [0, 2, 3]);
        taps.push(chain.reshape(sums, [filters, 1, 1]));
        continue;
      }
      const columns = chain.reshape(seen, [batch, groups, perGroup, positions]);
      const product = chain.step('MatMul', [gradient, chain.transpose(columns, [0, 1, 3, 2])]);
      taps.push(chain.reshape(chain.sum(product, [0]), [filters, perGroup, 1]));
    }
  }
  const all = taps.length === 1 ? taps[0]! : chain.step('Concat', taps, { axis: int(2) });
  chain.reshapeTo(outputOf(node), all);

  function shifted(writer: Chain, image: string, [row, column]: readonly [number, number]): string {
    if (image === input.name && kernelHeight * kernelWidth === 1 && stride === 1) return image;
    const starts = writer.integers([row, column]);
    const ends = writer.integers([row + stride * (outHeight - 1) + 1, column + stride * (outWidth - 1) + 1]);
    const axes = writer.integers([2, 3]);
    return writer.step('Slice', [image, starts, ends, axes, writer.integers([stride, stride])]);
  }
}
