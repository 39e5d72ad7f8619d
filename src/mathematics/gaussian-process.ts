/** Observations of a function of one number. */
export interface Observation {
  readonly at: number;
  readonly value: number;
}

export interface Kernel {
  /** Distance over which values stay alike. */
  readonly length: number;
  /** Variance of the noise, as a part of the function's own. */
  readonly noise: number;
}

/**
 * The posterior mean of a Gaussian process with a squared-exponential kernel around the observations' mean
 * (Rasmussen & Williams 2006, §2.2). Observations must differ in `at`, or `noise` be positive.
 */
export function gaussianProcess(
  observations: readonly Observation[],
  { length, noise }: Kernel,
): (at: number) => number {
  const mean = observations.reduce((sum, { value }) => sum + value, 0) / observations.length;
  const covariance = (a: number, b: number) => Math.exp(-((a - b) ** 2) / (2 * length ** 2));
  const matrix = observations.map((row, i) =>
    observations.map((column, j) => covariance(row.at, column.at) + (i === j ? noise : 0)),
  );
  const weights = solve(
    matrix,
    observations.map(({ value }) => value - mean),
  );
  return (at) =>
    observations.reduce((sum, { at: known }, index) => sum + weights[index]! * covariance(at, known), mean);
}

/** Solves A·x = b for a symmetric positive definite A, by Cholesky decomposition. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const lower = matrix.map(() => new Array<number>(size).fill(0));
  const inner = (a: readonly number[], b: readonly number[], count: number) => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += a[k]! * b[k]!;
    return sum;
  };
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i]![j]! - inner(lower[i]!, lower[j]!, j);
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
  }
  const half: number[] = [];
  for (let i = 0; i < size; i++) half.push((right[i]! - inner(lower[i]!, half, i)) / lower[i]![i]!);
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = half[i]!;
    for (let k = i + 1; k < size; k++) rest -= lower[k]![i]! * solution[k]!;
    solution[i] = rest / lower[i]![i]!;
  }
  return solution;
}
