import { interquartileRange, kernelDensityEstimation, quantile, standardDeviation } from 'simple-statistics';

export interface DensityPoint {
  readonly at: number;
  /** Of the highest: 0 to 1. */
  readonly height: number;
}

/** Fewer values than this have no shape to speak of. */
const fewestValues = 10;

/**
 * The outline of a distribution: Gaussian kernels as wide as Silverman's rule of thumb says (1986, eq. 3.31). Null for
 * few values, or such that do not differ.
 */
export function densityOutline(values: readonly number[]): DensityPoint[] | null {
  if (values.length < fewestValues) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const spreads = [standardDeviation(sorted), interquartileRange(sorted) / 1.34].filter((each) => each > 0);
  if (spreads.length === 0) return null;
  const bandwidth = 0.9 * Math.min(...spreads) * sorted.length ** -0.2;
  const density = kernelDensityEstimation(sorted, 'gaussian', bandwidth);
  const places = outlinePlaces(sorted, bandwidth);
  const heights = places.map(density);
  const highest = Math.max(...heights);
  return places.map((at, index) => ({ at, height: heights[index]! / highest }));
}

/** Dense where most values are, and far enough apart in the tails that these need few. */
function outlinePlaces(sorted: number[], bandwidth: number): number[] {
  const steps = (low: number, high: number, count: number) =>
    Array.from({ length: count }, (_, index) => low + ((high - low) * index) / (count - 1));
  const [low, high] = [sorted[0]! - 3 * bandwidth, sorted.at(-1)! + 3 * bandwidth];
  const body = [quantile(sorted, 0.02) - 3 * bandwidth, quantile(sorted, 0.98) + 3 * bandwidth] as const;
  return [...steps(low, high, 24), ...steps(body[0], body[1], 40)].sort((a, b) => a - b);
}
