import { describe, expect, it } from 'vitest';
import { studentTQuantile } from '../../../src/bench/statistics/student-t.ts';

describe('studentTQuantile', () => {
  // Abramowitz & Stegun, table 26.10, and R's qt() for the later digits.
  it.each([
    [0.975, 1, 12.706204736],
    [0.975, 2, 4.30265273],
    [0.975, 5, 2.570581836],
    [0.975, 29, 2.045229642],
    [0.8, 9, 0.88340386],
    [0.995, 3, 5.84090931],
    [0.95, 1000, 1.646378818],
    [0.975, 1e20, 1.959963985],
  ])('p = %d with %d degrees of freedom', (p, df, expected) => {
    expect(studentTQuantile(p, df)).toBeCloseTo(expected, 8);
    expect(studentTQuantile(1 - p, df)).toBeCloseTo(-expected, 8);
  });

  it('is 0 at one half, and is refused where there is none', () => {
    expect(studentTQuantile(0.5, 4)).toBeCloseTo(0, 12);
    for (const [p, df] of [
      [0, 4],
      [1, 4],
      [0.9, 0],
      [NaN, 3],
    ] as const) {
      expect(() => studentTQuantile(p, df)).toThrow(RangeError);
    }
  });
});
