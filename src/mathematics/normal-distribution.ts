/** The standard normal distribution in double precision. */

/**
 * Error function: the Maclaurin series where it converges fast, a continued fraction for the complement beyond
 * (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  const z = Math.abs(x);
  const value = z < seriesEnd ? erfSeries(z) : 1 - erfcFraction(z);
  return x < 0 ? -value : value;
}

const seriesEnd = 2.5;

function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-z * z);
}

function erfcFraction(z: number): number {
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (z + fraction);
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction));
}

/** Φ(x), the probability of a value at most x. */
export function normalCdf(x: number): number {
  const z = -x / Math.SQRT2;
  // Far below 0 the sum 1 + erf would cancel to nothing.
  return 0.5 * (z < seriesEnd ? 1 - erf(z) : erfcFraction(z));
}

/** Φ⁻¹(p) for 0 < p < 1, by Newton's method. Throws `RangeError` outside. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability between 0 and 1 was expected, not ${p}`);
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  // Newton from the left of the root converges without overshooting, because Φ is convex there.
  let x = -Math.sqrt(-2 * Math.log(p));
  for (let step = 0; step < 60; step++) {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    const next = x - (normalCdf(x) - p) / density;
    if (Math.abs(next - x) < 1e-15 * Math.abs(x)) return next;
    x = next;
  }
  return x;
}

/**
 * The midpoints of `count` equally probable slices, Φ⁻¹((i + ½) / count): a sample of the normal without chance. The
 * array is shared by all who ask for that many.
 */
export function normalQuantiles(count: number): Float64Array {
  let quantiles = known.get(count);
  if (quantiles === undefined) {
    quantiles = Float64Array.from({ length: count }, (_, index) => normalQuantile((index + 0.5) / count));
    known.set(count, quantiles);
  }
  return quantiles;
}

const known = new Map<number, Float64Array>();
