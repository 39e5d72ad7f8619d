import { median } from 'simple-statistics';

export interface Slope {
  /** Per index. */
  readonly slope: number;
  /** The 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** Fewer values have too few pairs for an interval. */
const fewestValues = 5;

/**
 * The median of the slopes of all pairs (Theil 1950), with Sen's interval (1968) by the variance of Kendall's statistic.
 * Null for fewer than five values.
 */
export function theilSen(values: readonly number[]): Slope | null {
  const length = values.length;
  if (length < fewestValues) return null;
  const slopes = values.flatMap((value, index) =>
    values.slice(index + 1).map((later, distance) => (later - value) / (distance + 1)),
  );
  slopes.sort((a, b) => a - b);
  const half = 1.96 * Math.sqrt((length * (length - 1) * (2 * length + 5)) / 18);
  const low = Math.max(0, Math.floor((slopes.length - half) / 2) - 1);
  const high = Math.min(slopes.length - 1, Math.ceil((slopes.length + half) / 2));
  return { slope: median(slopes), low: slopes[low]!, high: slopes[high]! };
}
