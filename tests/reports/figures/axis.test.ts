import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisPosition, axisValue, logAxis, quantityAxis } from '../../../reports/figures/axis.ts';

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

describe('logAxis', () => {
  test('contains every value, and has ticks to read them by', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
        const axis = logAxis(values, 0.1, 0.2);
        for (const value of values) {
          expect(axisPosition(axis, value)).toBeGreaterThan(0.09);
          expect(axisPosition(axis, value)).toBeLessThan(0.81);
        }
        expect(axis.ticks.length).toBeGreaterThanOrEqual(3);
        expect(axis.ticks.length).toBeLessThanOrEqual(16);
      }),
    );
  });

  test.each(['log', 'linear'] as const)('positions and values are inverse (%s)', (type) => {
    fc.assert(
      fc.property(positive, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
        const axis = quantityAxis(type, [value, value * 3]);
        expect(axisPosition(axis, axisValue(axis, share))).toBeCloseTo(share, 9);
      }),
    );
  });

  test('shows decades over a wide range and fine steps over a narrow one', () => {
    expect(logAxis([1, 9000]).ticks).toEqual([1, 10, 100, 1000, 10000]);
    expect(logAxis([60, 90]).ticks).toEqual([60, 70, 80, 90]);
  });
});

test('a linear axis of a quantity begins at zero', () => {
  const axis = quantityAxis('linear', [3, 9], 0.1, 0.1);
  expect(axis.low).toBe(0);
  expect(axisPosition(axis, 9)).toBeCloseTo(0.9, 9);
  expect(axis.ticks).toEqual([0, 2, 4, 6, 8, 10]);
});
