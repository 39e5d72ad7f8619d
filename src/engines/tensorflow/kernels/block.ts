import type { Context } from './context.ts';
import type { Held } from '../library.ts';

/** Where a block of a tensor lies: its first element, its extents, and the step from one to the next. */
export interface Block {
  readonly begin: readonly number[];
  readonly size: readonly number[];
  readonly strides?: readonly number[];
}

/** The elements of a tensor that lie in a block. */
export function blockOf({ tf, abilities }: Pick<Context, 'tf' | 'abilities'>, x: Held, block: Block): Held {
  const { begin, size } = block;
  const strides = block.strides ?? size.map(() => 1);
  if (begin.every((start) => start === 0) && size.every((extent, axis) => extent === x.shape[axis])) return x;
  if (abilities.ownBlocks) {
    return tf
      .engine()
      .runKernel(blockKernel, { x }, { begin: [...begin], size: [...size], strides: [...strides] });
  }
  if (strides.every((step) => step === 1)) return tf.slice(x, [...begin], [...size]);
  const end = size.map((extent, axis) => begin[axis]! + (extent - 1) * strides[axis]! + 1);
  return tf.stridedSlice(x, [...begin], end, [...strides]);
}

/** The kernel that backends get which are slow at this: both of theirs on a processor copy the whole tensor first. */
export const blockKernel = 'EcfxBlock';

/** Copies a block of `source`, of the given shape, to `target` in order. */
export function copyBlock(
  source: Float32Array,
  shape: readonly number[],
  { begin, size, strides }: Required<Block>,
  target: Float32Array,
): void {
  const steps = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * shape[axis + 1]!;
  // The innermost axes that are taken whole are copied in one go, together with a part of the next one.
  let inner = shape.length;
  let run = 1;
  while (inner > 0 && strides[inner - 1] === 1) {
    inner -= 1;
    run *= size[inner]!;
    if (size[inner] !== shape[inner]) break;
  }
  const start = begin.reduce((sum, position, axis) => sum + position * steps[axis]!, 0);
  let written = 0;
  const copy = (axis: number, from: number): void => {
    if (axis < inner) {
      const step = strides[axis]! * steps[axis]!;
      for (let index = 0; index < size[axis]!; index++) copy(axis + 1, from + index * step);
    } else {
      if (run > 64) target.set(source.subarray(from, from + run), written);
      else for (let index = 0; index < run; index++) target[written + index] = source[from + index]!;
      written += run;
    }
  };
  copy(0, start);
}
