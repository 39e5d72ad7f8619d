import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcast, formatShape, sameShape, size, stridesOf } from '../../src/graph/shape.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });

test('size, format and equality', () => {
  expect(size([2, 3, 4])).toBe(24);
  expect(size([])).toBe(1);
  expect(formatShape([1, 3, 224, 224])).toBe('1×3×224×224');
  expect(formatShape([])).toBe('scalar');
  expect(sameShape([1, 2], [1, 2])).toBe(true);
  expect(sameShape([1, 2], [2, 1])).toBe(false);
  expect(sameShape([1], [1, 1])).toBe(false);
});

describe('broadcasting', () => {
  test.each([
    [[2, 3], [3], [2, 3]],
    [
      [2, 1, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[], [5, 6], [5, 6]],
    [
      [1, 16, 1, 1],
      [8, 16, 7, 7],
      [8, 16, 7, 7],
    ],
  ])('%j with %j gives %j', (a, b, expected) => {
    expect(broadcast(a, b)).toEqual(expected);
  });

  test.each([
    [[2], [3]],
    [
      [2, 3],
      [2, 1, 2],
    ],
  ])('%j with %j does not fit', (a, b) => {
    expect(broadcast(a, b)).toBeUndefined();
  });

  test('is symmetric, and a scalar changes nothing', () => {
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        expect(broadcast(a, b)).toEqual(broadcast(b, a));
        expect(broadcast(a, [])).toEqual(a);
        expect(broadcast(a, a)).toEqual(a);
      }),
    );
  });
});

test('strides number the elements of a shape without gaps', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = stridesOf(shape);
      let offsets = [0];
      shape.forEach((extent, axis) => {
        offsets = offsets.flatMap((offset) =>
          Array.from({ length: extent }, (_, index) => offset + index * (strides[axis] ?? 0)),
        );
      });
      expect(offsets).toEqual(Array.from({ length: size(shape) }, (_, index) => index));
    }),
  );
});
