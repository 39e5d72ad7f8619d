import { interquartileRange, kernelDensityEstimation, quantile, standardDeviation } from 'simple-statistics';

export interface DensityPoint {
  readonly at: number;
  /** Of the highest: 0 to 1. */
  readonly height: number;
}

/** Fewer values than this have no shape to speak of. */
const fewestValues = 10;

/**
 * The outline of a distribution: Gaussian kernels as wide as Silverman's rule of thumb says (1986, eq. 3.31). It ends
 * at the least and at the greatest of them. Null for few values, or such that do not differ.
 */
export function densityOutline(values: readonly number[]): DensityPoint[] | null {
  if (values.length < fewestValues) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const spreads = [standardDeviation(sorted), interquartileRange(sorted) / 1.34].filter((each) => each > 0);
  if (spreads.length === 0) return null;
  const bandwidth = 0.9 * Math.min(...spreads) * sorted.length ** -0.2;
  const density = kernelDensityEstimation(sorted, 'gaussian', bandwidth);
  const places = outlinePlaces(sorted);
  const heights = places.map(density);
  const highest = Math.max(...heights);
  // Not so where values differ by less than a kernel can tell.
  if (!(highest > 0)) return null;
  return places.map((at, index) => ({ at, height: heights[index]! / highest }));
}

/** Over all of the values, over most of them, and at some of them, which no kernel is too narrow for. */
function outlinePlaces(sorted: number[]): number[] {
  const steps = (low: number, high: number, count: number) =>
    Array.from({ length: count }, (_, index) => low + ((high - low) * index) / (count - 1));
  const shares = steps(0, 1, 6);
  return [
    ...steps(sorted[0]!, sorted.at(-1)!, 6),
    ...steps(quantile(sorted, 0.02), quantile(sorted, 0.98), 11),
    ...quantile(sorted, shares),
  ].sort((a, b) => a - b);
}
