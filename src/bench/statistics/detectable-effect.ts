import type { SpeedRatio } from '../../results/schema.ts';
import { deviationOf } from './speed-ratio.ts';
import { studentTQuantile } from './student-t.ts';

/**
 * The relative difference that would have got a verdict, faster or slower, in four runs of five: the smallest effect of
 * interest, and beyond it (t(0.975, R − 1) + t(0.8, R − 1)) · s / √R, with s from the A/A control, where nothing differs.
 * 0.03 is three per cent. Null when the control has no interval.
 */
export function minimumDetectableEffect(control: SpeedRatio, smallestEffect: number): number | null {
  const deviation = deviationOf(control);
  return deviation === null ? null : detectableEffect(deviation, control.rounds, smallestEffect);
}

/** The same for a standard deviation of one round's log ratio that comes from elsewhere. */
export function detectableEffect(deviation: number, rounds: number, smallestEffect: number): number {
  const quantiles = studentTQuantile(0.975, rounds - 1) + studentTQuantile(0.8, rounds - 1);
  return Math.expm1(Math.log1p(smallestEffect) + (quantiles * deviation) / Math.sqrt(rounds));
}
