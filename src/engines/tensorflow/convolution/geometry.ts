import type { Shape } from '../../../graph/shape.ts';
import type { Conv2dAttributes } from '../../../operators/convolution.ts';
import { windowOutput, type Pads } from '../../../operators/padding.ts';
import { blockOf } from '../kernels/block.ts';
import type { Context } from '../kernels/context.ts';
import type { Held, TensorFlow } from '../library.ts';

/** A convolution's window over images as the device holds them. Extents are `[height, width]`. */
export interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly pads: Pads;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
}

/** From the graph's shapes `[N, C, H, W]` and `[M, C/groups, kh, kw]`. */
export function geometryOf(inputShape: Shape, filterShape: Shape, attributes: Conv2dAttributes): Geometry {
  const [batch, channels, ...input] = inputShape as [number, number, number, number];
  const [filters, , ...kernel] = filterShape as [number, number, number, number];
  const { stride, dilation, groups, pads } = attributes;
  const output = windowOutput(input, { kernel, stride, dilation, pads });
  return { batch, channels, filters, groups, kernel, stride, dilation, pads, input, output };
}

export function isPointwise({ kernel: [height, width], pads }: Geometry): boolean {
  return height * width === 1 && [...pads.before, ...pads.after].every((pad) => pad === 0);
}

/** One filter or more for each channel. */
export function isDepthwise({ channels, groups }: Geometry): boolean {
  return groups > 1 && groups === channels;
}

/** The padding by the names that every kernel knows, or undefined where it has none. */
export function namedPadding({
  kernel,
  stride,
  dilation,
  pads,
  input,
  output,
}: Geometry): 'same' | 'valid' | undefined {
  if ([...pads.before, ...pads.after].every((pad) => pad === 0)) return 'valid';
  const isSame = [0, 1].every((axis) => {
    const needed = (output[axis]! - 1) * stride + dilation * (kernel[axis]! - 1) + 1 - input[axis]!;
    const total = Math.max(0, needed);
    return (
      output[axis] === Math.ceil(input[axis]! / stride) &&
      pads.before[axis] === Math.floor(total / 2) &&
      pads.after[axis] === total - Math.floor(total / 2)
    );
  });
  return isSame ? 'same' : undefined;
}

/** The input with its padding made explicit, where the kernels have no name for it. */
export function padded(tf: TensorFlow, x: Held, { pads }: Pick<Geometry, 'pads'>, value = 0): Held {
  const { before, after } = pads;
  if ([...before, ...after].every((pad) => pad === 0)) return x;
  return tf.pad(
    x,
    [
      [0, 0],
      [before[0], after[0]],
      [before[1], after[1]],
      [0, 0],
    ],
    value,
  );
}

/** `[N, H, W, C]` without the rows and columns that `padded` adds. */
export function cropped(context: Context, x: Held, { pads, input }: Pick<Geometry, 'pads' | 'input'>): Held {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  if (height === input[0] && width === input[1]) return x;
  const begin = [0, ...pads.before, 0];
  return blockOf(context, x, { begin, size: [batch, ...input, channels] });
}
