/**
 * Hodges–Lehmann estimates with the intervals that Wilcoxon's tests give (Hollander & Wolfe, *Nonparametric Statistical
 * Methods*, §3.2, 3.3, 4.2, 4.3). Nothing is assumed of the distribution but that paired differences are symmetric, which log
 * ratios of processes that are disturbed alike are, or that two samples differ by a shift. A wild value moves neither far.
 */
import type { Interval } from './interval.ts';
import { lowerQuantile, rankSumTail, signedRankTail } from './rank-distributions.ts';

export interface RankEstimate extends Interval {
  readonly estimate: number;
}

/**
 * Of the centre of six or more values: the median of the means of all pairs, each value with itself too, and the 95 %
 * signed-rank interval. Throws `RangeError` for fewer values, for which no such interval reaches 95 %.
 */
export function signedRankEstimate(values: readonly number[]): RankEstimate {
  const means = new Float64Array((values.length * (values.length + 1)) / 2);
  let index = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) means[index++] = (values[i]! + values[j]!) / 2;
  }
  return inner(means.sort(), lowerQuantile(signedRankTail(values.length), 0.025));
}

/**
 * Of the shift from `b` to `a`: the median of all differences, and the 95 % rank-sum interval. Throws `RangeError` when
 * there are too few values (four and four suffice).
 */
export function rankSumEstimate(a: readonly number[], b: readonly number[]): RankEstimate {
  const differences = new Float64Array(a.length * b.length);
  let index = 0;
  for (const first of a) for (const second of b) differences[index++] = first - second;
  return inner(differences.sort(), lowerQuantile(rankSumTail(a.length, b.length), 0.025));
}

/** The median, and the ends that leave out the `outside` outermost values on each side. */
function inner(sorted: Float64Array, outside: number): RankEstimate {
  if (outside < 0) throw new RangeError('too few values for a 95 % interval by ranks');
  const middle = sorted.length / 2;
  return {
    estimate: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2,
    low: sorted[outside]!,
    high: sorted[sorted.length - 1 - outside]!,
  };
}
