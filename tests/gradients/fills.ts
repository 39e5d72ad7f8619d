import { createRandom } from '../../src/mathematics/random.ts';

/** Values for a tensor of a given length; `name` is the random stream. */
export type Fill = (length: number, name: string) => Float64Array;

export const normal: Fill = (length, name) => {
  const random = createRandom(11, name);
  return Float64Array.from({ length }, () => random.normal());
};

/** At least a half: may stand under a root, a logarithm or a fraction bar. */
export const positive: Fill = (length, name) => normal(length, name).map((value) => Math.abs(value) + 0.5);

/** In no order, and no two closer than 0.3: nothing near a tie. */
export const distinct: Fill = (length) =>
  Float64Array.from({ length }, (_, index) => 0.3 * ((index * 7919) % length));

/**
 * Multiples of 0.3, shifted, in the order of the multiples of `stride` modulo 7: two such operands with other shifts are
 * never close to a tie, and none is close to 0.
 */
export const lattice =
  (shift: number, stride: number): Fill =>
  (length) =>
    Float64Array.from({ length }, (_, index) => 0.3 * (((index * stride + 1) % 7) - 3) + shift);

/** Probabilities over `classes` that sum to 1 in each row, none of them 0. */
export const labels =
  (classes: number): Fill =>
  (length, name) => {
    const weights = positive(length, name);
    const total = (row: number) =>
      weights.subarray(row * classes, (row + 1) * classes).reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, index) => weight / total(Math.floor(index / classes)));
  };
