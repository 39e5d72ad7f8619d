import type { Tensor } from '../../graph/graph.ts';
import { size, stridesOf, type Shape } from '../../graph/shape.ts';

/** Gives a tensor's values in double precision. */
export type Values = (tensor: Tensor) => Float64Array;

/** An element that is known to exist. */
export function at(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`element ${index} of ${values.length}`);
  return value;
}

export function outputShape(node: { readonly outputs: readonly Tensor[] }): Shape {
  return node.outputs[0]?.shape ?? [];
}

export function channelAt(index: number, [, channels = 1, height = 1, width = 1]: Shape): number {
  return Math.floor(index / (height * width)) % channels;
}

/** Strides of `shape` along the axes of a shape that it broadcasts to. */
export function alignedStrides(shape: Shape, target: Shape): number[] {
  return [...new Array<number>(target.length - shape.length).fill(0), ...stridesOf(shape)];
}

export function dot(position: readonly number[], strides: readonly number[]): number {
  let sum = 0;
  for (let axis = 0; axis < position.length; axis++) sum += (position[axis] ?? 0) * (strides[axis] ?? 0);
  return sum;
}

export function generate(shape: Shape, element: (position: readonly number[]) => number): Float64Array {
  const result = new Float64Array(size(shape));
  forEachPosition(shape, (position, index) => {
    result[index] = element(position);
  });
  return result;
}

/** Visits all positions in row-major order; the position array is reused. */
export function forEachPosition(
  shape: Shape,
  visit: (position: readonly number[], index: number) => void,
): void {
  const position = new Array<number>(shape.length).fill(0);
  const total = size(shape);
  for (let index = 0; index < total; index++) {
    visit(position, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      position[axis] = next < (shape[axis] ?? 0) ? next : 0;
      if (next < (shape[axis] ?? 0)) break;
    }
  }
}
