import { median, sampleStandardDeviation } from 'simple-statistics';
import type { Estimate } from '../../results/schema.ts';
import { studentTQuantile } from './student-t.ts';

/** √(π/2): how much wider the standard error of a median is than that of a mean, for many normal values. */
const medianOverMean = Math.sqrt(Math.PI / 2);

/**
 * The median of positive numbers, one from each process, with a 95 % interval for it: on a log scale,
 * ± t(0.975, n − 1) · √(π/2) · s / √n. The factor makes it err to the wide side for few values.
 * With one value there is no interval.
 */
export function medianInterval(values: readonly number[]): Estimate {
  const estimate = median([...values]);
  if (values.length < 2) return { estimate, low: null, high: null };
  const deviation = sampleStandardDeviation(values.map(Math.log));
  const halfWidth =
    (studentTQuantile(0.975, values.length - 1) * medianOverMean * deviation) / Math.sqrt(values.length);
  return { estimate, low: estimate * Math.exp(-halfWidth), high: estimate * Math.exp(halfWidth) };
}
