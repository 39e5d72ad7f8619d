import { quantile } from 'simple-statistics';

export type OutlierLabel = 'mild' | 'severe';

/**
 * Tukey's fences: a value more than 1.5 interquartile ranges outside the quartiles is a mild outlier, one more than 3
 * a severe one. Labels only; nothing is ever left out. Fewer than four values have no outliers.
 */
export function labelOutliers(values: readonly number[]): (OutlierLabel | null)[] {
  if (values.length < 4) return values.map(() => null);
  const [lower, upper] = [quantile([...values], 0.25), quantile([...values], 0.75)];
  const range = upper - lower;
  return values.map((value) => {
    const beyond = Math.max(lower - value, value - upper);
    if (beyond > 3 * range) return 'severe';
    return beyond > 1.5 * range ? 'mild' : null;
  });
}
