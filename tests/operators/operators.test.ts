import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/graph/shape-error.ts';
import { activation, activationFunctions, activationNames } from '../../src/operators/activation.ts';
import { binary, unary } from '../../src/operators/elementwise.ts';
import { concat, reshape, slice, transpose } from '../../src/operators/layout.ts';
import { dense, matmul } from '../../src/operators/matrix-product.ts';
import { batchNorm, groupNorm } from '../../src/operators/normalization.ts';
import { noPads } from '../../src/operators/padding.ts';
import { pool2d } from '../../src/operators/pooling.ts';
import { reduce, softmax } from '../../src/operators/reduction.ts';
import { weightStandardization } from '../../src/operators/weight-standardization.ts';
import { apply, work } from './apply.ts';

describe('matrix products', () => {
  test('a dense layer with bias', () => {
    const shapes = { input: [4, 1280], weight: [1000, 1280], bias: [1000] };
    const result = apply(dense, shapes, {});
    expect(result.shape).toEqual([4, 1000]);
    expect(result.work).toEqual(work(4 * 1000 * 1280, 4 * 1000));
    expect(result.traffic).toEqual({ read: 4 * 1280 + 1000 * 1280 + 1000, written: 4000 });
  });

  test('a matrix product, broadcast over the leading axes', () => {
    const result = apply(matmul, { left: [2, 1, 5, 7], right: [3, 7, 4] }, {});
    expect(result.shape).toEqual([2, 3, 5, 4]);
    expect(result.work).toEqual(work(2 * 3 * 5 * 4 * 7));
  });

  test.each([
    ['features that differ', () => apply(dense, { input: [4, 3], weight: [5, 2] }, {})],
    ['an input of four axes', () => apply(dense, { input: [4, 3, 1, 1], weight: [5, 3] }, {})],
    ['a bias of another length', () => apply(dense, { input: [4, 3], weight: [5, 3], bias: [3] }, {})],
    ['inner extents that differ', () => apply(matmul, { left: [2, 3], right: [2, 3] }, {})],
    ['leading axes that do not broadcast', () => apply(matmul, { left: [2, 1, 1], right: [3, 1, 1] }, {})],
    ['a vector', () => apply(matmul, { left: [3], right: [3, 2] }, {})],
  ])('refuse %s', (_, action) => {
    expect(action).toThrow(ShapeError);
  });
});

describe('norms', () => {
  const vectors = { mean: [8], variance: [8], scale: [8], offset: [8] };

  test('batch norm: 2 per element', () => {
    const result = apply(batchNorm, { input: [2, 8, 5, 5], ...vectors }, { epsilon: 1e-3 });
    expect(result.shape).toEqual([2, 8, 5, 5]);
    expect(result.work).toEqual(work(0, 2 * 2 * 8 * 25));
    expect(result.traffic).toEqual({ read: 400 + 4 * 8, written: 400 });
  });

  test('group norm: 8 per element with scale and offset, 6 without, and a few per group', () => {
    const shapes = { input: [2, 8, 5, 5], scale: [8], offset: [8] };
    expect(apply(groupNorm, shapes, { groups: 4, epsilon: 1e-3 }).work).toEqual(
      work(0, 8 * 400 + 4 * (2 * 4), 2 * 4),
    );
    expect(apply(groupNorm, { input: [2, 8, 5, 5] }, { groups: 1, epsilon: 1e-3 }).work).toEqual(
      work(0, 6 * 400 + 4 * 2, 2),
    );
  });

  test.each([
    ['groups that do not divide', () => apply(groupNorm, { input: [1, 8, 2, 2] }, { groups: 3, epsilon: 0 })],
    ['an input of two axes', () => apply(groupNorm, { input: [1, 8] }, { groups: 1, epsilon: 0 })],
    [
      'a scale of another length',
      () => apply(groupNorm, { input: [1, 8, 2, 2], scale: [4] }, { groups: 1, epsilon: 0 }),
    ],
    ['a mean of another length', () => apply(batchNorm, { input: [1, 4, 2, 2], ...vectors }, { epsilon: 0 })],
  ])('refuse %s', (_, action) => {
    expect(action).toThrow(ShapeError);
  });
});

describe('weight standardization', () => {
  const attributes = { gamma: 1, epsilon: 1e-4 };

  test('5 per tap, 5 and a square root per filter', () => {
    const result = apply(weightStandardization, { filter: [8, 4, 3, 3], gain: [8] }, attributes);
    expect(result.shape).toEqual([8, 4, 3, 3]);
    expect(result.work).toEqual(work(0, 5 * 288 + 5 * 8, 8));
  });

  test.each([
    ['a gain of another length', { filter: [8, 4, 3, 3], gain: [4] }],
    ['a filter of two axes', { filter: [8, 4], gain: [8] }],
  ])('refuses %s', (_, shapes) => {
    expect(() => apply(weightStandardization, shapes, attributes)).toThrow(ShapeError);
  });
});

describe('activation functions', () => {
  test.each(activationNames)('%s keeps the shape and costs the same for each element', (name) => {
    const { arithmetic, transcendental } = activationFunctions[name];
    const result = apply(activation, { input: [2, 3, 4, 5] }, { function: name });
    expect(result.shape).toEqual([2, 3, 4, 5]);
    expect(result.work).toEqual(work(0, 120 * arithmetic, 120 * transcendental));
    expect(result.traffic).toEqual({ read: 120, written: 120 });
  });

  test.each([
    ['relu', -1, 0],
    ['relu', 2, 2],
    ['relu6', 7, 6],
    ['sigmoid', 0, 0.5],
    ['sigmoid', 2, 0.8807970779778823],
    ['swish', 1, 0.7310585786300049],
    ['hard-sigmoid', 0, 0.5],
    ['hard-sigmoid', 4, 1],
    ['hard-swish', 1, 4 / 6],
    ['hard-swish', -4, 0],
    ['gelu', 1, 0.8413447460685429],
    ['tanh', 1, 0.7615941559557649],
  ] as const)('%s(%d)', (name, x, expected) => {
    expect(activationFunctions[name].evaluate(x)).toBeCloseTo(expected, 14);
  });
});

describe('elementwise arithmetic', () => {
  test('broadcasts: a squeeze-and-excite gate costs 1 per element of the image', () => {
    const shapes = { left: [2, 16, 7, 7], right: [2, 16, 1, 1] };
    const result = apply(binary, shapes, { function: 'multiply' });
    expect(result.shape).toEqual([2, 16, 7, 7]);
    expect(result.work).toEqual(work(0, 2 * 16 * 49));
    expect(result.traffic).toEqual({ read: 2 * 16 * 50, written: 2 * 16 * 49 });
  });

  test('a square root is transcendental, a reciprocal is not', () => {
    expect(apply(unary, { input: [3, 5] }, { function: 'sqrt' }).work).toEqual(work(0, 0, 15));
    expect(apply(unary, { input: [3, 5] }, { function: 'reciprocal' }).work).toEqual(work(0, 15));
  });

  test('shapes that do not broadcast are refused', () => {
    expect(() => apply(binary, { left: [2, 3], right: [2, 4] }, { function: 'add' })).toThrow(ShapeError);
  });
});

describe('pooling and reductions', () => {
  test('pooling costs a tap each', () => {
    const window = { kernel: [3, 3] as const, stride: 2, dilation: 1, pads: noPads };
    const result = apply(pool2d, { input: [1, 4, 9, 9] }, { function: 'max', window });
    expect(result.shape).toEqual([1, 4, 4, 4]);
    expect(result.work).toEqual(work(0, 4 * 16 * 9));
  });

  test('a mean is a sum and a division per result', () => {
    const result = apply(reduce, { input: [2, 8, 7, 7] }, { function: 'mean', axes: [2, 3] });
    expect(result.shape).toEqual([2, 8, 1, 1]);
    expect(result.work).toEqual(work(0, 2 * 8 * 49 + 16));
    expect(apply(reduce, { input: [2, 8, 7, 7] }, { function: 'sum', axes: [1] }).work).toEqual(work(0, 784));
  });

  test('softmax: maximum, difference, exp, sum, quotient', () => {
    const result = apply(softmax, { input: [2, 10] }, { axis: 1 });
    expect(result.shape).toEqual([2, 10]);
    expect(result.work).toEqual(work(0, 4 * 20, 20));
  });

  test.each([2, -1, 0.5, Number.NaN])('axis %d of two is refused', (axis) => {
    expect(() => apply(reduce, { input: [2, 3] }, { function: 'sum', axes: [axis] })).toThrow(ShapeError);
    expect(() => apply(softmax, { input: [2, 3] }, { axis })).toThrow(ShapeError);
  });
});

describe('layout', () => {
  const free = work(0);

  test('a reshape is a view: nothing computed, nothing moved', () => {
    const result = apply(reshape, { input: [2, 8, 1, 1] }, { shape: [2, 8] });
    expect(result).toEqual({ shape: [2, 8], work: free, traffic: { read: 0, written: 0 } });
  });

  test('a transpose moves each element', () => {
    const result = apply(transpose, { input: [2, 3, 4] }, { permutation: [2, 0, 1] });
    expect(result).toEqual({ shape: [4, 2, 3], work: free, traffic: { read: 24, written: 24 } });
  });

  test('a slice reads only what it takes', () => {
    const result = apply(slice, { input: [2, 8, 3] }, { axis: 1, start: 2, end: 5 });
    expect(result).toEqual({ shape: [2, 3, 3], work: free, traffic: { read: 18, written: 18 } });
  });

  test('a concatenation adds up one axis', () => {
    const result = apply(concat, { first: [2, 3, 4], second: [2, 5, 4], third: [2, 1, 4] }, { axis: 1 });
    expect(result).toEqual({ shape: [2, 9, 4], work: free, traffic: { read: 72, written: 72 } });
  });

  test('slices of a concatenation have the shapes of its parts', () => {
    const extents = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(extents, (parts) => {
        const operands = Object.fromEntries(parts.map((extent, index) => [`part${index}`, [2, extent]]));
        const whole = apply(concat, operands, { axis: 1 }).shape;
        let start = 0;
        for (const extent of parts) {
          const end = start + extent;
          expect(apply(slice, { input: whole }, { axis: 1, start, end }).shape).toEqual([2, extent]);
          start = end;
        }
        expect(start).toBe(whole[1]);
      }),
    );
  });

  test.each([
    ['a reshape to another size', () => apply(reshape, { input: [2, 3] }, { shape: [5] })],
    ['a permutation with a gap', () => apply(transpose, { input: [2, 3] }, { permutation: [0, 2] })],
    ['a permutation that is too short', () => apply(transpose, { input: [2, 3] }, { permutation: [0] })],
    ['a slice past the end', () => apply(slice, { input: [2, 3] }, { axis: 1, start: 1, end: 4 })],
    ['an empty slice', () => apply(slice, { input: [2, 3] }, { axis: 1, start: 1, end: 1 })],
    ['a concatenation of nothing', () => apply(concat, {}, { axis: 0 })],
    ['a concatenation along no axis', () => apply(concat, { a: [2, 3] }, { axis: 2 })],
    ['a concatenation of unlike shapes', () => apply(concat, { a: [2, 3], b: [3, 3] }, { axis: 1 })],
  ])('refuse %s', (_, action) => {
    expect(action).toThrow(ShapeError);
  });
});
