import { describe, expect, test } from 'vitest';
import { relativeSpeed, relativeTime } from '../../reports/relative-speed.ts';
import type { BenchRow } from '../../src/results/schema.ts';
import { sampleBenchResult } from '../support/sample-bench-result.ts';

const [template] = sampleBenchResult().rows;

/** A row with these step times in rounds 1, 2, … */
function row(rounds: readonly (readonly number[])[], batch = 16): BenchRow {
  if (template === undefined) throw new Error('The sample has no rows.');
  const samples = rounds.map((stepSeconds, index) => ({ round: index + 1, stepSeconds: [...stepSeconds] }));
  return { ...template, batch, samples };
}

describe('relativeSpeed', () => {
  test('is the mean over rounds of the log ratio of median step times', () => {
    const reference = row([[2, 2, 9], [4], [8]]);
    const faster = row([[1], [1], [2, 2, 50]]);
    // 2, 4 and 4: their geometric mean.
    expect(relativeSpeed(faster, reference)?.estimate).toBeCloseTo(32 ** (1 / 3), 12);
  });

  test('has the t interval of the log ratios', () => {
    const reference = row([[1], [1], [1], [1]]);
    const other = row([[Math.exp(-0.1)], [Math.exp(-0.2)], [Math.exp(-0.3)], [Math.exp(-0.2)]]);
    // s = √(0.02 / 3); t(0.975, 3) = 3.182446
    const halfWidth = (3.182446 * Math.sqrt(0.02 / 3)) / 2;
    const speed = relativeSpeed(other, reference);
    expect(speed?.method).toBe('t');
    expect(speed?.estimate).toBeCloseTo(Math.exp(0.2), 10);
    expect(speed?.low).toBeCloseTo(Math.exp(0.2 - halfWidth), 5);
    expect(speed?.high).toBeCloseTo(Math.exp(0.2 + halfWidth), 5);
    expect(speed?.rounds).toBe(4);
  });

  test('is what the result says where it compares the two', () => {
    const [reference, other] = [row([[1], [1]]), row([[2], [2]])];
    const ratio = { estimate: 0.7, low: 0.6, high: 0.8, method: 't', p: 0.5, rounds: 2 } as const;
    const rest = { pHolm: 0.5, roundsToSettle: null, outlierRounds: [], reference: reference.variant };
    const speedUp = { ...ratio, ...rest, verdict: 'inconclusive' } as const;
    expect(relativeSpeed({ ...other, speedUp }, reference)).toBe(speedUp);
  });

  test('compares times per image, not per step', () => {
    expect(relativeSpeed(row([[1]], 32), row([[1]], 16))?.estimate).toBeCloseTo(2, 12);
  });

  test('pairs rounds that both have, and only those', () => {
    const reference = row([[1], [], [4]]);
    const other = row([[1], [1], [1]]);
    expect(relativeSpeed(other, reference)).toMatchObject({ rounds: 2 });
    expect(relativeSpeed(other, row([]))).toBeNull();
  });

  test('gives no interval to a single round, nor to a row against itself', () => {
    expect(relativeSpeed(row([[1]]), row([[2]]))).toMatchObject({ low: null, high: null, rounds: 1 });
    const itself = row([[1], [2], [3]]);
    expect(relativeSpeed(itself, itself)).toMatchObject({
      estimate: 1,
      low: null,
      high: null,
      rounds: 3,
    });
  });

  test('as times: the reciprocal, with the ends swapped', () => {
    expect(relativeTime({ estimate: 2, low: 1, high: 4 })).toEqual({ estimate: 0.5, low: 0.25, high: 1 });
    expect(relativeTime({ estimate: 2, low: null, high: null })).toEqual({
      estimate: 0.5,
      low: null,
      high: null,
    });
  });
});
