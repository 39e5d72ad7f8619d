import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logAxis, logPosition, logValue } from '../../../reports/figures/log-axis.ts';

const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

describe('logAxis', () => {
  test('contains every value, and has ticks to read them by', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
        const axis = logAxis(values, 0.1, 0.2);
        for (const value of values) {
          expect(logPosition(axis, value)).toBeGreaterThan(0.09);
          expect(logPosition(axis, value)).toBeLessThan(0.81);
        }
        expect(axis.ticks.length).toBeGreaterThanOrEqual(3);
        expect(axis.ticks.length).toBeLessThanOrEqual(16);
      }),
    );
  });

  test('positions and values are inverse', () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
        const axis = logAxis([value, value * 3]);
        expect(logPosition(axis, logValue(axis, share))).toBeCloseTo(share, 9);
      }),
    );
  });

  test('shows decades over a wide range and fine steps over a narrow one', () => {
    expect(logAxis([1, 9000]).ticks).toEqual([1, 10, 100, 1000, 10000]);
    expect(logAxis([60, 90]).ticks).toEqual([60, 70, 80, 90]);
  });
});
