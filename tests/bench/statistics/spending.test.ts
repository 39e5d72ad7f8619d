import { describe, expect, it } from 'vitest';
import {
  blockBounds,
  blocksPerProcess,
  pilotDeviations,
  ratioDeviation,
  roundSeconds,
  roundsForBudget,
  roundsForHalfWidth,
  roundsForPrecision,
  type CellTimes,
} from '../../../src/bench/statistics/spending.ts';
import { studentTQuantile } from '../../../src/bench/statistics/student-t.ts';
import { createRandom } from '../../../src/mathematics/random.ts';

/** Cells whose log times are base + round's shift + process's shift + block's noise, with these deviations. */
function pilot(between: number, within: number, rounds: number, blocks = 10): CellTimes[] {
  const random = createRandom(1, `pilot ${between} ${within}`);
  return Array.from({ length: rounds }, (_, round) => round + 1).flatMap((round) => {
    const shared = 0.5 * random.normal();
    return ['a', 'b', 'control'].map((subject, index) => {
      const own = shared + index * 0.3 + between * random.normal();
      const stepSeconds = Array.from({ length: blocks }, () => Math.exp(own + within * random.normal()));
      return { subject, round, stepSeconds };
    });
  });
}

describe('pilotDeviations', () => {
  it('tells processes and blocks apart, and does not see what a round shares', () => {
    const found = pilotDeviations(pilot(0.02, 0.05, 400));
    expect(found?.between).toBeCloseTo(0.02, 2.5);
    expect(found?.within).toBeCloseTo(0.05, 2.5);
  });

  it('is 0 between processes whose means scatter less than their blocks explain', () => {
    const found = pilotDeviations([
      { subject: 'a', round: 1, stepSeconds: [1, 2, 3] },
      { subject: 'a', round: 2, stepSeconds: [1, 2, 3] },
    ]);
    expect(found?.between).toBe(0);
    // Of ln 1, ln 2, ln 3 by hand.
    expect(found?.within).toBeCloseTo(0.555_55, 4);
  });

  it('needs two rounds that all subjects have', () => {
    const cells = pilot(0.02, 0.05, 2);
    expect(pilotDeviations(cells)).not.toBeNull();
    expect(pilotDeviations(cells.slice(1))).toBeNull();
    expect(pilotDeviations([])).toBeNull();
  });
});

describe('blocksPerProcess', () => {
  it('is (s_w / s_b) · √(c_p / c_w), within bounds', () => {
    const cost = { processSeconds: 4, blockSeconds: 0.25 };
    expect(blocksPerProcess({ between: 0.01, within: 0.03 }, cost)).toBe(12);
    expect(blocksPerProcess({ between: 0.01, within: 0 }, cost)).toBe(blockBounds.least);
    expect(blocksPerProcess({ between: 0, within: 0.01 }, cost)).toBe(blockBounds.most);
  });

  it('has the least variance among all numbers of blocks at the same cost', () => {
    const deviations = { between: 0.01, within: 0.03 };
    const cost = { processSeconds: 4, blockSeconds: 0.25 };
    const variance = (blocks: number) =>
      (ratioDeviation(deviations, blocks) ** 2 * roundSeconds([{ ...cost, blocks }])) / 600;
    const best = blocksPerProcess(deviations, cost);
    for (let blocks = 1; blocks <= 60; blocks++) expect(variance(best)).toBeLessThanOrEqual(variance(blocks));
  });
});

describe('rounds', () => {
  it('for a budget are those that fit', () => {
    const seconds = roundSeconds([
      { processSeconds: 2, blockSeconds: 0.1, blocks: 10 },
      { processSeconds: 4, blockSeconds: 0.2, blocks: 10 },
    ]);
    expect(seconds).toBeCloseTo(9, 12);
    expect(roundsForBudget(seconds, 60)).toBe(6);
    expect(roundsForBudget(seconds, 1)).toBe(1);
  });

  it('for a precision are the fewest whose t interval is as narrow', () => {
    for (const [deviation, precision] of [
      [0.02, 0.01],
      [0.05, 0.02],
      [0.001, 0.05],
    ] as const) {
      const rounds = roundsForPrecision(deviation, precision);
      const halfWidth = (count: number) =>
        (studentTQuantile(0.975, count - 1) * deviation) / Math.sqrt(count);
      expect(halfWidth(rounds)).toBeLessThanOrEqual(Math.log1p(precision));
      if (rounds > 2) expect(halfWidth(rounds - 1)).toBeGreaterThan(Math.log1p(precision));
    }
  });

  it('are more for more power, and endless for no width at all', () => {
    expect(roundsForHalfWidth(0.02, 0.01, 0.8)).toBeGreaterThan(roundsForHalfWidth(0.02, 0.01));
    expect(roundsForHalfWidth(0.02, 0)).toBe(Infinity);
    expect(roundsForHalfWidth(0, 0.01)).toBe(2);
  });
});
