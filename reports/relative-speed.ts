import { pairRows } from '../src/bench/assess.ts';
import { pairedSpeedRatio } from '../src/bench/statistics/speed-ratio.ts';
import type { BenchRow, Estimate, SpeedRatio } from '../src/results/schema.ts';

/**
 * How many times as many images per second as `other`, paired by round; null where the two share no round. Against the
 * setting's reference this is what the result says; against another row, such as the runner-up, it is computed alike.
 * A row against itself is exactly 1 and carries no interval.
 */
export function relativeSpeed(row: BenchRow, other: BenchRow): SpeedRatio | null {
  const pairs = pairRows(row, other);
  if (pairs.length === 0) return null;
  if (row === other) {
    return { estimate: 1, low: null, high: null, method: null, p: null, rounds: pairs.length };
  }
  if (row.speedUp?.reference === other.variant) return row.speedUp;
  return pairedSpeedRatio(pairs, { seed: 1, stream: `${row.variant} against ${other.variant}` });
}

/** The speed-up over `reference` in each round that both ran in. */
export function roundRatios(row: BenchRow, reference: BenchRow): { round: number; ratio: number }[] {
  return pairRows(row, reference).map(({ round, logRatio }) => ({ round, ratio: Math.exp(logRatio) }));
}

/** The same comparison as times: `1 / speed`, ends of the interval swapped. */
export function relativeTime(speed: Estimate): Estimate {
  return {
    estimate: 1 / speed.estimate,
    low: speed.high === null ? null : 1 / speed.high,
    high: speed.low === null ? null : 1 / speed.low,
  };
}
