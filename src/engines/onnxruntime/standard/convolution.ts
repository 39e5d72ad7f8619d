import type { OperatorTable } from '../../../operators/registry.ts';
import { int, ints, names, onnxPads, outputOf, type Emitter } from '../emitter.ts';

/** Convolutions and their two gradients. */
export const convolutions = {
  conv2d(node, emit) {
    const { input, filter, bias } = node.operands;
    const { stride, dilation, groups, pads } = node.attributes;
    emit.result(outputOf(node), 'Conv', names(input, filter, bias), {
      kernel_shape: ints(filter.shape.slice(2)),
      strides: ints([stride, stride]),
      dilations: ints([dilation, dilation]),
      group: int(groups),
      pads: onnxPads(pads),
    });
  },

  /** A transposed convolution with the same filter; the output's padding is what the stride left over. */
  conv2dInputGradient(node, emit) {
    const { outputGradient, filter } = node.operands;
    const { stride, dilation, groups, pads, inputShape } = node.attributes;
    const leftOver = [0, 1].map((axis) => {
      const span = dilation * (filter.shape[2 + axis]! - 1) + 1;
      const covered = (outputGradient.shape[2 + axis]! - 1) * stride + span;
      return inputShape[2 + axis]! + pads.before[axis]! + pads.after[axis]! - covered;
    });
    emit.result(outputOf(node), 'ConvTranspose', [outputGradient.name, filter.name], {
      kernel_shape: ints(filter.shape.slice(2)),
      strides: ints([stride, stride]),
      dilations: ints([dilation, dilation]),
      group: int(groups),
      pads: ints([...pads.before, ...pads.after]),
      output_padding: ints(leftOver),
    });
  },

  /**
   * A convolution in which images take the place of channels: input `[C, N, H, W]`, the gradient as filter
   * `[M, N, H', W']`, stride and dilation exchanged. Groups stand side by side along the channels.
   */
  conv2dFilterGradient(node, emit) {
    const { input, outputGradient } = node.operands;
    const { stride, dilation, groups, pads, filterShape } = node.attributes;
    const [batch, channels, height, width] = input.shape as [number, number, number, number];
    const [, filters, outHeight, outWidth] = outputGradient.shape as [number, number, number, number];
    const [, perGroup, kernelHeight, kernelWidth] = filterShape as [number, number, number, number];
    // [N, g, C/g, H, W] → [C/g, g·N, H, W]
    const split = [batch, groups, channels / groups, height, width];
    const images = emit.intermediate('images', 'Reshape', [input.name, emit.integers('split', split)]);
    const turned = emit.intermediate('turned', 'Transpose', [images], { perm: ints([2, 1, 0, 3, 4]) });
    const stacked = [perGroup, groups * batch, height, width];
    const data = emit.intermediate('data', 'Reshape', [turned, emit.integers('stacked', stacked)]);
    // [N, M, H', W'] → [M, N, H', W']: the filters of group g see the images of group g.
    const kernel = emit.intermediate('kernel', 'Transpose', [outputGradient.name], {
      perm: ints([1, 0, 2, 3]),
    });
    // Rows that the stride left over would give taps beyond the filter's: they are not read.
    const after = [0, 1].map((axis) => {
      const extent = [outHeight, outWidth][axis]!;
      const span = stride * (extent - 1) + 1 + dilation * ([kernelHeight, kernelWidth][axis]! - 1);
      return span - [height, width][axis]! - pads.before[axis]!;
    });
    const trimmed = trimEnds(emit, data, stacked, after);
    const taps = emit.intermediate('taps', 'Conv', [trimmed, kernel], {
      kernel_shape: ints([outHeight, outWidth]),
      strides: ints([dilation, dilation]),
      dilations: ints([stride, stride]),
      group: int(groups),
      pads: ints([...pads.before, ...after.map((amount) => Math.max(0, amount))]),
    });
    // [C/g, M, kh, kw] → [M, C/g, kh, kw]
    emit.result(outputOf(node), 'Transpose', [taps], { perm: ints([1, 0, 2, 3]) });
    if (filters % groups !== 0) throw new Error(`${node.name}: groups do not divide`);
  },
} satisfies Partial<OperatorTable<Emitter, void>>;

/** Drops rows and columns that no window reaches: `after` is negative by as many. */
function trimEnds(emit: Emitter, data: string, shape: readonly number[], after: readonly number[]): string {
  const cut = after.flatMap((amount, axis) =>
    amount < 0 ? [{ axis: axis + 2, end: shape[axis + 2]! + amount }] : [],
  );
  if (cut.length === 0) return data;
  const starts = emit.integers(
    'trimStarts',
    cut.map(() => 0),
  );
  const ends = emit.integers(
    'trimEnds',
    cut.map(({ end }) => end),
  );
  const axes = emit.integers(
    'trimAxes',
    cut.map(({ axis }) => axis),
  );
  return emit.intermediate('trimmed', 'Slice', [data, starts, ends, axes]);
}
