import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/graph/shape-error.ts';
import { conv2d, convolutionKind, type Conv2dAttributes } from '../../src/operators/convolution.ts';
import { noPads, resolvePads, type PaddingRule } from '../../src/operators/padding.ts';
import { apply, work } from './apply.ts';

const plain: Conv2dAttributes = { stride: 1, dilation: 1, groups: 1, pads: noPads };

describe('a convolution’s cost, worked out by hand', () => {
  test('dense 3×3 without padding', () => {
    const result = apply(conv2d, { input: [1, 3, 10, 10], filter: [8, 3, 3, 3] }, plain);
    expect(result.shape).toEqual([1, 8, 8, 8]);
    expect(result.work).toEqual(work(8 * 8 * 8 * (3 * 3 * 3)));
    expect(result.traffic).toEqual({ read: 3 * 10 * 10 + 8 * 3 * 3 * 3, written: 8 * 8 * 8 });
  });

  test('stem of EfficientNet: 3×3, stride 2, 224 pixels', () => {
    const pads = resolvePads('same', [224, 224], 3, 2);
    const result = apply(
      conv2d,
      { input: [1, 3, 224, 224], filter: [32, 3, 3, 3] },
      { ...plain, stride: 2, pads },
    );
    expect(result.shape).toEqual([1, 32, 112, 112]);
    expect(result.work.macs).toBe(112 * 112 * 32 * 27);
  });

  test('pointwise with bias', () => {
    const shapes = { input: [2, 16, 7, 5], filter: [24, 16, 1, 1], bias: [24] };
    const result = apply(conv2d, shapes, plain);
    expect(result.shape).toEqual([2, 24, 7, 5]);
    expect(result.work).toEqual(work(2 * 24 * 7 * 5 * 16, 2 * 24 * 7 * 5));
  });

  test('depthwise 5×5, stride 2', () => {
    const pads = resolvePads('symmetric', [28, 28], 5, 2);
    const shapes = { input: [1, 144, 28, 28], filter: [144, 1, 5, 5] };
    const result = apply(conv2d, shapes, { ...plain, stride: 2, groups: 144, pads });
    expect(result.shape).toEqual([1, 144, 14, 14]);
    expect(result.work.macs).toBe(144 * 14 * 14 * 25);
  });

  test('groups of 16 channels', () => {
    const pads = resolvePads('same', [14, 14], 3, 1);
    const shapes = { input: [1, 320, 14, 14], filter: [320, 16, 3, 3] };
    const result = apply(conv2d, shapes, { ...plain, groups: 20, pads });
    expect(result.work.macs).toBe(320 * 14 * 14 * 9 * 16);
  });

  test('dilation reaches further and costs no more', () => {
    const shapes = { input: [1, 4, 9, 9], filter: [4, 4, 3, 3] };
    const result = apply(conv2d, shapes, { ...plain, dilation: 2 });
    expect(result.shape).toEqual([1, 4, 5, 5]);
    expect(result.work.macs).toBe(4 * 5 * 5 * 4 * 9);
  });
});

describe('padding', () => {
  // TensorFlow: ⌈input / stride⌉ positions, an odd row or column at the end.
  test.each([
    [224, 3, 2, 0, 1, 112],
    [225, 3, 2, 1, 1, 113],
    [7, 5, 1, 2, 2, 7],
    [15, 5, 2, 2, 2, 8],
    [14, 5, 2, 1, 2, 7],
    [8, 2, 2, 0, 0, 4],
    [7, 2, 2, 0, 1, 4],
    [1, 3, 2, 1, 1, 1],
    [9, 1, 2, 0, 0, 5],
  ])('same: %d pixels, kernel %d, stride %d', (extent, kernel, stride, before, after, positions) => {
    const pads = resolvePads('same', [extent, extent], kernel, stride);
    expect(pads).toEqual({ before: [before, before], after: [after, after] });
    const shapes = { input: [1, 1, extent, extent], filter: [1, 1, kernel, kernel] };
    expect(apply(conv2d, shapes, { ...plain, stride, pads }).shape).toEqual([1, 1, positions, positions]);
  });

  test('symmetric puts the same on both sides, whatever the stride', () => {
    expect(resolvePads('symmetric', [224, 10], 3, 2)).toEqual({ before: [1, 1], after: [1, 1] });
    expect(resolvePads('symmetric', [224, 10], 5, 1, 2)).toEqual({ before: [4, 4], after: [4, 4] });
  });

  test('height and width are padded each by its own extent', () => {
    expect(resolvePads('same', [8, 9], 3, 2)).toEqual({ before: [0, 1], after: [1, 1] });
  });

  test('for odd kernels both rules give ⌈extent / stride⌉ positions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(1, 3, 5, 7),
        fc.constantFrom(1, 2),
        fc.constantFrom<PaddingRule>('same', 'symmetric'),
        (extent, kernel, stride, rule) => {
          const pads = resolvePads(rule, [extent, extent], kernel, stride);
          const shapes = { input: [1, 1, extent, extent], filter: [1, 1, kernel, kernel] };
          const positions = Math.ceil(extent / stride);
          expect(apply(conv2d, shapes, { ...plain, stride, pads }).shape).toEqual([
            1,
            1,
            positions,
            positions,
          ]);
        },
      ),
    );
  });
});

/** Positions at which a window of `span` fits, found by trying each. */
function positions(extent: number, span: number, stride: number): number {
  let count = 0;
  for (let start = 0; start + span <= extent; start += stride) count++;
  return count;
}

const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 4 }),
    channelsPerGroup: fc.integer({ min: 1, max: 4 }),
    filtersPerGroup: fc.integer({ min: 1, max: 4 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    extent: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    after: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  })
  .filter(({ kernel, extent, dilation, before, after }) =>
    [0, 1].every(
      (axis) =>
        (extent[axis] ?? 0) + (before[axis] ?? 0) + (after[axis] ?? 0) >=
        dilation * ((kernel[axis] ?? 0) - 1) + 1,
    ),
  );

test('shape and MACs equal a count over every position, filter and tap', () => {
  fc.assert(
    fc.property(convolutions, (c) => {
      const [height = 0, width = 0] = [0, 1].map((axis) =>
        positions(
          (c.extent[axis] ?? 0) + (c.before[axis] ?? 0) + (c.after[axis] ?? 0),
          c.dilation * ((c.kernel[axis] ?? 0) - 1) + 1,
          c.stride,
        ),
      );
      const filters = c.groups * c.filtersPerGroup;
      const shapes = {
        input: [c.batch, c.groups * c.channelsPerGroup, ...c.extent],
        filter: [filters, c.channelsPerGroup, ...c.kernel],
      };
      const { stride, dilation, groups, before, after } = c;
      const result = apply(conv2d, shapes, { stride, dilation, groups, pads: { before, after } });
      expect(result.shape).toEqual([c.batch, filters, height, width]);
      let macs = 0;
      for (let position = 0; position < c.batch * height * width; position++) {
        for (let group = 0; group < groups; group++) {
          macs += c.filtersPerGroup * c.channelsPerGroup * c.kernel[0] * c.kernel[1];
        }
      }
      expect(result.work.macs).toBe(macs);
    }),
  );
});

test('more groups cost less, by exactly their number: from dense to depthwise', () => {
  const shapes = (channelsPerGroup: number) => ({
    input: [1, 48, 9, 9],
    filter: [48, channelsPerGroup, 3, 3],
  });
  const dense = apply(conv2d, shapes(48), plain);
  for (const groups of [1, 2, 3, 4, 12, 48]) {
    const grouped = apply(conv2d, shapes(48 / groups), { ...plain, groups });
    expect(grouped.work.macs * groups).toBe(dense.work.macs);
  }
});

describe('what is refused', () => {
  const refused = (
    input: number[],
    filter: number[],
    change: Partial<Conv2dAttributes> = {},
    bias?: number[],
  ) => {
    const shapes = { input, filter, ...(bias && { bias }) };
    return () => apply(conv2d, shapes, { ...plain, ...change });
  };

  test.each([
    ['an input of three axes', refused([3, 8, 8], [4, 3, 3, 3]), /input needs 4 axes/],
    ['a filter for other channels', refused([1, 3, 8, 8], [4, 2, 3, 3]), /3 channels in 1 groups are 3/],
    ['channels that do not divide', refused([1, 5, 8, 8], [4, 2, 3, 3], { groups: 2 }), /5 input channels/],
    ['filters that do not divide', refused([1, 4, 8, 8], [5, 2, 3, 3], { groups: 2 }), /5 output channels/],
    ['a bias of another length', refused([1, 3, 8, 8], [4, 3, 1, 1], {}, [3]), /bias needs 4 elements/],
    [
      'a kernel larger than the image',
      refused([1, 3, 2, 2], [4, 3, 3, 3]),
      /window of 3 does not fit into 2/,
    ],
    [
      'a dilated kernel larger than the image',
      refused([1, 3, 4, 4], [4, 3, 3, 3], { dilation: 2 }),
      /window of 5/,
    ],
  ])('%s', (_, action, message) => {
    expect(action).toThrow(ShapeError);
    expect(action).toThrow(message);
  });
});

test('a convolution is called by its groups and kernel', () => {
  expect(convolutionKind([32, 3, 3, 3], 1)).toBe('dense');
  expect(convolutionKind([32, 16, 1, 1], 1)).toBe('pointwise');
  expect(convolutionKind([32, 16, 3, 3], 2)).toBe('grouped');
  expect(convolutionKind([32, 1, 3, 3], 32)).toBe('depthwise');
});
