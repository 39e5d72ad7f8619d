import { normalQuantile } from '../../mathematics/normal-distribution.ts';

/**
 * Quantile of Student's t distribution with `df` degrees of freedom (a real number above 0), for 0 < p < 1.
 * Bisection on the distribution function, whose tail is the regularized incomplete beta function
 * I_{df/(df+t²)}(df/2, 1/2) / 2. Throws `RangeError` outside.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1) || !(df > 0))
    throw new RangeError(`no t quantile for p = ${p} and ${df} degrees of freedom`);
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  // Equal to six digits from here on, and beyond 10¹⁵ the continued fraction has no digits left.
  if (df > 1e7) return normalQuantile(p);
  if (!Number.isInteger(df)) return search(p, df);
  const key = `${p} ${df}`;
  let quantile = known.get(key);
  if (quantile === undefined) {
    quantile = search(p, df);
    known.set(key, quantile);
  }
  return quantile;
}

/** Whole degrees of freedom are asked for again and again. */
const known = new Map<string, number>();

function search(p: number, df: number): number {
  const upperTail = (t: number) => incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  let low = 0;
  let high = 1;
  while (upperTail(high) > 1 - p) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step++) {
    const middle = (low + high) / 2;
    if (upperTail(middle) > 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22), modified Lentz method. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; the symmetry I_x(a, b) = 1 − I_{1−x}(b, a) covers the rest.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log(1 - x) - logBeta(a, b)) / a;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return front * fraction;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) after shifting x up to where it is accurate. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 12) {
    shift += Math.log(z);
    z += 1;
  }
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
