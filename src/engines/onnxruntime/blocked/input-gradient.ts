import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { int, outputOf, type Emitter } from '../emitter.ts';
import { blockedDepthwise, blockedTransposed } from './filters.ts';
import { convolveBlocked, fromBlocked, withZeroRow, type BlockedCopies } from './layout.ts';

type InputGradient = NodeOf<'conv2dInputGradient'>;

/** One output phase along one axis: the taps that reach it, in order, and the padding of the gradient. */
interface Phase {
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
}

/**
 * The input's gradient as a blocked convolution of the output's gradient with the turned filter. A stride is either
 * undone first, by zeros between the positions (depthwise: the zeros cost less than four passes), or the result is
 * computed phase by phase, s² convolutions with the taps that reach the phase, and interleaved (grouped).
 */
export function lowerBlockedInputGradient(
  node: InputGradient,
  emit: Emitter,
  copies: BlockedCopies,
  block: number,
  kind: 'depthwise' | 'grouped',
): void {
  const { stride, inputShape } = node.attributes;
  const chain = new Chain(emit);
  const output = outputOf(node);
  noteExcess(node, emit, kind);
  const gradient = copies.of(chain, node.operands.outputGradient);
  const blocked =
    stride === 1 || kind === 'depthwise'
      ? throughZeros(node, chain, gradient, block, kind)
      : throughPhases(node, chain, gradient, block, kind);
  chain.reshapeTo(output, fromBlocked(chain, blocked, inputShape[1]!));
}

/** Zeros between positions are multiplied like them, and phases may reach beyond the image. */
function noteExcess(
  { operator, operands: { filter, outputGradient }, attributes }: InputGradient,
  emit: Emitter,
  kind: 'depthwise' | 'grouped',
): void {
  const { stride, inputShape } = attributes;
  const [batch = 0, filters = 0, outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, , height = 0, width = 0] = inputShape;
  const positions =
    kind === 'depthwise' ? height * width : Math.ceil(height / stride) * Math.ceil(width / stride);
  const [, perGroup = 0, kernelHeight = 0, kernelWidth = 0] = filter.shape;
  const products = batch * filters * perGroup * kernelHeight * kernelWidth;
  const excessMacs = products * (positions - outHeight * outWidth);
  if (excessMacs > 0) emit.detours.push({ operator: `${operator.name} (${kind})`, excessMacs });
}

/** Whether the geometry is one that these forms cover. */
export function hasBlockedInputGradient({ operands, attributes }: InputGradient): boolean {
  const { dilation, stride, pads, inputShape } = attributes;
  const { filter, outputGradient } = operands;
  if (dilation !== 1) return false;
  return [0, 1].every((axis) => {
    const kernel = filter.shape[2 + axis]!;
    const [extent, outputs] = [inputShape[2 + axis]!, outputGradient.shape[2 + axis]!];
    const before = pads.before[axis]!;
    if (kernel < stride || before > kernel - 1) return false;
    if (extent - 1 - (outputs - 1) * stride + before < 0) return false;
    return Array.from({ length: stride }, (_, phase) =>
      phaseOf(phase, kernel, stride, before, Math.ceil(extent / stride), outputs),
    ).every((phase) => phase.before >= 0 && phase.after >= 0);
  });
}

function throughZeros(
  { operands: { filter, outputGradient }, attributes }: InputGradient,
  chain: Chain,
  blockedGradient: string,
  block: number,
  kind: 'depthwise' | 'grouped',
): string {
  const { stride, groups, pads, inputShape } = attributes;
  const [batch = 0, filters = 0, outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, channels = 0, height = 0, width = 0] = inputShape;
  const [, , kernelHeight = 0, kernelWidth = 0] = filter.shape;
  const spread = [(outHeight - 1) * stride + 1, (outWidth - 1) * stride + 1] as const;
  let gradient = blockedGradient;
  if (stride > 1) {
    const zero = outHeight * outWidth;
    const positions: number[] = [];
    for (let row = 0; row < spread[0]; row++)
      for (let column = 0; column < spread[1]; column++)
        positions.push(
          row % stride === 0 && column % stride === 0 ? (row / stride) * outWidth + column / stride : zero,
        );
    const padded = withZeroRow(chain, gradient, filters);
    const list = chain.reshape(padded, [(batch * filters) / block, (outHeight + 1) * outWidth, block]);
    gradient = chain.reshape(chain.gather(list, positions, 1), [batch, filters, ...spread]);
  }
  const taps = Array.from({ length: kernelHeight * kernelWidth }, (_, tap) => tap).reverse();
  const turned = transposedFilter(chain, filter, groups, block, kind, taps);
  return convolveBlocked(
    chain,
    gradient,
    chain.reshape(turned, [channels, filters / groups, kernelHeight, kernelWidth]),
    {
      kernel: [kernelHeight, kernelWidth],
      groups,
      pads: [
        kernelHeight - 1 - pads.before[0],
        kernelWidth - 1 - pads.before[1],
        height - spread[0] + pads.before[0],
        width - spread[1] + pads.before[1],
      ],
    },
  );
}

function throughPhases(
  { operands: { filter, outputGradient }, attributes }: InputGradient,
  chain: Chain,
  blockedGradient: string,
  block: number,
  kind: 'depthwise' | 'grouped',
): string {
  const { stride, groups, pads, inputShape } = attributes;
  const [batch = 0, filters = 0, outHeight = 0, outWidth = 0] = outputGradient.shape;
  const [, channels = 0, height = 0, width = 0] = inputShape;
  const [, , kernelHeight = 0, kernelWidth = 0] = filter.shape;
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const blocks = (batch * channels) / block;
  const parts: string[] = [];
  for (let a = 0; a < stride; a++) {
    const vertical = phaseOf(a, kernelHeight, stride, pads.before[0], rows, outHeight);
    for (let b = 0; b < stride; b++) {
      const horizontal = phaseOf(b, kernelWidth, stride, pads.before[1], columns, outWidth);
      const taps = vertical.taps.flatMap((row) =>
        horizontal.taps.map((column) => row * kernelWidth + column),
      );
      const kernel = [vertical.taps.length, horizontal.taps.length] as const;
      const turned = transposedFilter(chain, filter, groups, block, kind, taps);
      const phase = convolveBlocked(
        chain,
        blockedGradient,
        chain.reshape(turned, [channels, filters / groups, ...kernel]),
        { kernel, groups, pads: [vertical.before, horizontal.before, vertical.after, horizontal.after] },
      );
      parts.push(chain.reshape(phase, [blocks, rows * columns, block]));
    }
  }
  const positions: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const phase = (row % stride) * stride + (column % stride);
      positions.push((phase * rows + Math.floor(row / stride)) * columns + Math.floor(column / stride));
    }
  }
  const all = chain.step('Concat', parts, { axis: int(1) });
  return chain.reshape(chain.gather(all, positions, 1), [batch, channels, height, width]);
}

function transposedFilter(
  chain: Chain,
  filter: { readonly name: string; readonly shape: readonly number[] },
  groups: number,
  block: number,
  kind: 'depthwise' | 'grouped',
  taps: readonly number[],
): string {
  return kind === 'depthwise'
    ? blockedDepthwise(chain, filter.name, filter.shape, block, taps)
    : blockedTransposed(chain, filter.name, filter.shape, groups, block, taps);
}

/**
 * Input row stride·i + phase receives tap t of output row i + (phase + padding − t) / stride, where that is whole.
 */
function phaseOf(
  phase: number,
  kernel: number,
  stride: number,
  padding: number,
  extent: number,
  outputs: number,
): Phase {
  const reach: { tap: number; offset: number }[] = [];
  for (let tap = kernel - 1; tap >= 0; tap--) {
    const distance = phase + padding - tap;
    if (distance % stride === 0) reach.push({ tap, offset: distance / stride });
  }
  const first = reach[0]?.offset ?? 0;
  const last = reach.at(-1)?.offset ?? 0;
  return {
    taps: reach.map(({ tap }) => tap),
    before: 0 - first,
    after: extent - 1 + last - (outputs - 1),
  };
}
