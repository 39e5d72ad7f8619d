import { describe, expect, it } from 'vitest';
import { medianInterval } from '../../../src/bench/statistics/median-interval.ts';
import { createRandom } from '../../../src/mathematics/random.ts';

describe('medianInterval', () => {
  it('gives the median, and no interval for one value', () => {
    expect(medianInterval([3])).toEqual({ estimate: 3, low: null, high: null });
    expect(medianInterval([1, 5, 2]).estimate).toBe(2);
  });

  it('is symmetric on a log scale and scales with the unit', () => {
    const { estimate, low, high } = medianInterval([90, 100, 120]);
    expect((low ?? NaN) * (high ?? NaN)).toBeCloseTo(estimate ** 2, 6);
    const inMilliseconds = medianInterval([90e3, 100e3, 120e3]);
    expect(inMilliseconds.low).toBeCloseTo((low ?? NaN) * 1e3, 6);
  });

  // 3 and 6 are the rounds of --quick and of a standard run.
  it.each([2, 3, 6, 10, 30])(
    'covers the true median in 95 of 100 runs or more, with %d log-normal rounds',
    (rounds) => {
      const random = createRandom(1, `coverage of ${rounds}`);
      const runs = 4000;
      let covered = 0;
      for (let run = 0; run < runs; run++) {
        const { low, high } = medianInterval(
          Array.from({ length: rounds }, () => 0.2 * Math.exp(0.1 * random.normal())),
        );
        if ((low ?? NaN) <= 0.2 && (high ?? NaN) >= 0.2) covered++;
      }
      expect(covered / runs).toBeGreaterThan(0.945);
      expect(covered / runs).toBeLessThan(0.985);
    },
  );
});
