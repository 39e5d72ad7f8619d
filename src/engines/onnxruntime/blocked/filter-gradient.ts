import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { int, ints, outputOf, type Emitter } from '../emitter.ts';
import { convolveBlocked, fromBlocked, withZeroRow, type BlockedCopies } from './layout.ts';

type FilterGradient = NodeOf<'conv2dFilterGradient'>;

/**
 * Depthwise: every image's every channel is a channel of its own, the output's gradient its filter, stride and dilation
 * exchanged. A blocked activation has the memory order of a blocked depthwise filter, so both need one reorder only,
 * which the other convolutions of the same tensors share.
 */
export function lowerBlockedDepthwiseFilterGradient(
  node: FilterGradient,
  emit: Emitter,
  copies: BlockedCopies,
): void {
  const { input, outputGradient } = node.operands;
  const { stride, dilation, pads, filterShape } = node.attributes;
  const [batch = 0, channels = 0, height = 0, width = 0] = input.shape;
  const [, , outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, , kernelHeight = 0, kernelWidth = 0] = filterShape;
  const chain = new Chain(emit);
  const data = chain.reshape(copies.of(chain, input), [1, batch * channels, height, width]);
  const filter = chain.reshape(copies.of(chain, outputGradient), [batch * channels, 1, outHeight, outWidth]);
  const taps = convolveBlocked(chain, data, filter, {
    kernel: [outHeight, outWidth],
    stride: dilation,
    dilation: stride,
    groups: batch * channels,
    pads: [...pads.before, ...padsAfter(node)],
  });
  const perImage = chain.reshape(fromBlocked(chain, taps, batch * channels), [
    batch,
    channels,
    1,
    kernelHeight,
    kernelWidth,
  ]);
  chain.result(outputOf(node), 'ReduceSum', [perImage, chain.integers([0])], { keepdims: int(0) });
}

/** What remains of the padding at the ends, less the rows that the stride leaves over: negative where the input is longer. */
export function padsAfter({
  operands: { input, outputGradient },
  attributes,
}: FilterGradient): [number, number] {
  const { stride, dilation, pads, filterShape } = attributes;
  const after = (axis: 0 | 1) =>
    stride * (outputGradient.shape[2 + axis]! - 1) +
    1 +
    dilation * (filterShape[2 + axis]! - 1) -
    input.shape[2 + axis]! -
    pads.before[axis];
  return [after(0), after(1)];
}

/**
 * Groups of one block: a matrix product per image and group over the positions. The shifted copies of the input that it
 * needs are gathered, a block of channels (one cache line) at a time: Gather runs on all threads, Slice, Pad and Concat
 * on one. With stride 1 only columns are shifted there and rows in the gradient, so k copies of each do instead of k².
 */
export function lowerBlockedGroupedFilterGradient(
  node: FilterGradient,
  emit: Emitter,
  copies: BlockedCopies,
  block: number,
): void {
  const { input, outputGradient } = node.operands;
  const { stride, groups, pads, filterShape } = node.attributes;
  const [batch = 0, channels = 0, height = 0, width = 0] = input.shape;
  const [, filters = 0, outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, , kernelHeight = 0, kernelWidth = 0] = filterShape;
  const perGroup = filters / groups;
  const chain = new Chain(emit);
  const padded = withZeroRow(chain, copies.of(chain, input), channels);
  const positions = chain.reshape(padded, [batch, groups, (height + 1) * width, block]);
  const zero = height * width;
  const at = (row: number, column: number) =>
    row < 0 || row >= height || column < 0 || column >= width ? zero : row * width + column;

  /** Σ over images of gradient `[N, g, m, p]` times `[N, g, p, taps·B]`. */
  const product = (gradient: string, rows: number, indices: readonly number[], taps: number) => {
    const count = indices.length / taps;
    const shifted = chain.reshape(chain.gather(positions, indices, 2), [batch, groups, count, taps * block]);
    const seen = chain.reshape(gradient, [batch, groups, rows, count]);
    return chain.sum(chain.step('MatMul', [seen, shifted]), [0]);
  };

  if (stride === 1 && outHeight === height && outWidth === width) {
    const columns: number[] = [];
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        for (let tap = 0; tap < kernelWidth; tap++) columns.push(at(row, column + tap - pads.before[1]));
    const rows: number[] = [];
    for (let tap = 0; tap < kernelHeight; tap++) {
      for (let row = 0; row < height; row++) {
        const source = row - tap + pads.before[0];
        rows.push(source < 0 || source >= height ? height : source);
      }
    }
    const ends = chain.integers([0, 0, 0, 0, 0, 0, 1, 0]);
    const longer = chain.step('Pad', [outputGradient.name, ends]);
    const gradients = chain.gather(longer, rows, 2);
    const sums = product(gradients, perGroup * kernelHeight, columns, kernelWidth);
    // [g, (out, kh), (kw, in)] → [out, in, kh, kw]
    const split = chain.reshape(sums, [filters, kernelHeight, kernelWidth, block]);
    chain.result(outputOf(node), 'Transpose', [split], { perm: ints([0, 3, 1, 2]) });
    return;
  }

  const parts = Array.from({ length: kernelHeight }, (_, tapRow) => {
    const indices: number[] = [];
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++)
        for (let tap = 0; tap < kernelWidth; tap++)
          indices.push(at(row * stride + tapRow - pads.before[0], column * stride + tap - pads.before[1]));
    const sums = product(outputGradient.name, perGroup, indices, kernelWidth);
    return chain.reshape(sums, [filters, 1, kernelWidth, block]);
  });
  const all = chain.step('Concat', parts, { axis: int(1) });
  chain.result(outputOf(node), 'Transpose', [all], { perm: ints([0, 3, 1, 2]) });
}
