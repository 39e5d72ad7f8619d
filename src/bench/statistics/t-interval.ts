import { mean, sampleStandardDeviation, sampleVariance } from 'simple-statistics';
import type { Interval } from './interval.ts';
import { studentTQuantile } from './student-t.ts';

/** 95 % interval of the mean of two or more values: ± t(0.975, n − 1) · s / √n. */
export function tInterval(values: readonly number[]): Interval {
  const centre = mean([...values]);
  const halfWidth =
    (studentTQuantile(0.975, values.length - 1) * sampleStandardDeviation([...values])) /
    Math.sqrt(values.length);
  return { low: centre - halfWidth, high: centre + halfWidth };
}

/**
 * 95 % interval of mean(a) − mean(b) for two independent samples of two or more values each, whose variances may
 * differ: Welch's interval, with Satterthwaite's degrees of freedom.
 */
export function welchInterval(a: readonly number[], b: readonly number[]): Interval {
  const centre = mean([...a]) - mean([...b]);
  const [first, second] = [sampleVariance([...a]) / a.length, sampleVariance([...b]) / b.length];
  const variance = first + second;
  if (variance === 0) return { low: centre, high: centre };
  const freedom = variance ** 2 / (first ** 2 / (a.length - 1) + second ** 2 / (b.length - 1));
  const halfWidth = studentTQuantile(0.975, freedom) * Math.sqrt(variance);
  return { low: centre - halfWidth, high: centre + halfWidth };
}
