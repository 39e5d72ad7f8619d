/** Tensor shapes. Images are laid out `[batch, channels, height, width]` everywhere in ecfx. */
export type Shape = readonly number[];

/** The number of elements of a tensor of this shape. */
export function size(shape: Shape): number {
  let product = 1;
  for (const extent of shape) product *= extent;
  return product;
}

/** `[1, 3, 224, 224]` as `1×3×224×224`; a scalar as `scalar`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** The shape of an elementwise result, by the broadcasting rule of NumPy and ONNX; undefined where there is none. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** Row-major strides in elements, with 0 along broadcast axes of extent 1. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis] ?? 1;
    strides[axis] = extent === 1 ? 0 : stride;
    stride *= extent;
  }
  return strides;
}
