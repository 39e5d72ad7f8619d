import type { SpeedRatio, Verdict } from '../../results/schema.ts';
import { roundsForHalfWidth } from './spending.ts';
import { deviationOf } from './speed-ratio.ts';

/** A relative difference that nobody cares about, where nothing else is said. */
export const defaultSmallestEffect = 0.01;

/**
 * With fewer rounds a result is a screening: an exact paired test of five cannot reach p < 0.05 (2/2⁵ = 0.063).
 */
export const fewestRounds = 6;

/**
 * What a comparison says, against the smallest effect of interest e: an interval wholly above 1 + e is faster, wholly below
 * 1 / (1 + e) slower, wholly between them equivalent, and one that allows several of these, or comes of too few rounds,
 * inconclusive. Unproven is what has no A/A control that passed: the difference could be an artefact of the procedure.
 */
export function verdictOf(
  { low, high, rounds }: SpeedRatio,
  smallestEffect: number,
  controlPassed: boolean,
): Verdict {
  if (!controlPassed) return 'unproven';
  if (low === null || high === null || rounds < fewestRounds) return 'inconclusive';
  const edge = 1 + smallestEffect;
  if (low > edge) return 'faster';
  if (high < 1 / edge) return 'slower';
  return low > 1 / edge && high < edge ? 'equivalent' : 'inconclusive';
}

/**
 * Whether an A/A control says that the procedure finds nothing where nothing is: its interval contains 1 or, if it is so
 * narrow, stays within the smallest effect of interest. Null when it has no interval.
 */
export function controlPasses({ low, high }: SpeedRatio, smallestEffect: number): boolean | null {
  if (low === null || high === null) return null;
  const edge = 1 + smallestEffect;
  return (low <= 1 && high >= 1) || (low > 1 / edge && high < edge);
}

/**
 * How many rounds would probably (in four runs of five) settle a comparison, if the truth is what was estimated and rounds
 * scatter as they did. Null when it cannot be said: no interval, or the estimate is at the very edge of the smallest
 * effect, so that it would take more than `most`.
 */
export function roundsToSettle(ratio: SpeedRatio, smallestEffect: number, most = 1000): number | null {
  const deviation = deviationOf(ratio);
  if (deviation === null) return null;
  const distance = Math.abs(Math.abs(Math.log(ratio.estimate)) - Math.log1p(smallestEffect));
  const rounds = Math.max(fewestRounds, roundsForHalfWidth(deviation, distance, 0.8));
  return rounds > most ? null : rounds;
}
