import { Mismatch } from '../graph/operator.ts';
import type { Shape } from '../graph/shape.ts';

/** The extents of an image-like tensor. Throws `Mismatch` when it has not four axes. */
export function extents4(shape: Shape, what: string): [number, number, number, number] {
  if (shape.length !== 4) throw new Mismatch(`the ${what} needs 4 axes and has ${shape.length}`);
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  return [a, b, c, d];
}

/** Checks that each vector has one element per channel of the input. Throws `Mismatch`. */
export function requirePerChannel(input: Shape, vectors: Readonly<Record<string, Shape | undefined>>): void {
  const [, channels] = extents4(input, 'input');
  for (const [name, shape] of Object.entries(vectors)) {
    if (!shape || (shape.length === 1 && shape[0] === channels)) continue;
    throw new Mismatch(`the ${name} needs ${channels} elements`);
  }
}
