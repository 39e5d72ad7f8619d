/**
 * Measured speed-up of one row of a bench result over another, paired by round: what disturbed a whole round (another
 * process, a hot processor) disturbs both and cancels.
 */
import { median, sampleStandardDeviation } from 'simple-statistics';
import { studentTQuantile } from '../src/bench/statistics/student-t.ts';
import type { BenchRow, Estimate } from '../src/results/schema.ts';

/** Asymptotic standard error of a median over that of a mean, for normal data: √(π/2). */
const medianOverMeanError = Math.sqrt(Math.PI / 2);

export interface RelativeSpeed extends Estimate {
  /** How many rounds have both rows: the size of the sample. */
  readonly rounds: number;
}

/**
 * How many times as many images per second as `reference`; null where one of them has no samples.
 *
 * Per round: the log ratio of the median step times per image. Estimate: the median over rounds. Interval: 95 %,
 * ± t(0.975, R − 1) · √(π/2) · s / √R on the log scale, s the standard deviation over R rounds; no interval when
 * R < 2. A row against itself is exactly 1 and carries no interval.
 */
export function relativeSpeed(row: BenchRow, reference: BenchRow): RelativeSpeed | null {
  const referenceByRound = secondsPerImage(reference);
  const logRatios: number[] = [];
  for (const [round, seconds] of secondsPerImage(row)) {
    const referenceSeconds = referenceByRound.get(round);
    if (referenceSeconds !== undefined) logRatios.push(Math.log(referenceSeconds / seconds));
  }
  if (logRatios.length === 0) return null;
  const rounds = logRatios.length;
  const centre = median(logRatios);
  if (row === reference || rounds < 2) return { estimate: Math.exp(centre), low: null, high: null, rounds };
  const halfWidth =
    (studentTQuantile(0.975, rounds - 1) * medianOverMeanError * sampleStandardDeviation(logRatios)) /
    Math.sqrt(rounds);
  return {
    estimate: Math.exp(centre),
    low: Math.exp(centre - halfWidth),
    high: Math.exp(centre + halfWidth),
    rounds,
  };
}

/** The same comparison as times: `1 / speed`, ends of the interval swapped. */
export function relativeTime(speed: Estimate): Estimate {
  return {
    estimate: 1 / speed.estimate,
    low: speed.high === null ? null : 1 / speed.high,
    high: speed.low === null ? null : 1 / speed.low,
  };
}

function secondsPerImage(row: BenchRow): Map<number, number> {
  return new Map(
    row.samples
      .filter(({ stepSeconds }) => stepSeconds.length > 0)
      .map(({ round, stepSeconds }) => [round, median(stepSeconds) / row.batch]),
  );
}
