/** Wilcoxon's tests: permutations of ranks, exact but for ties. Two-sided p-values. */
import { rankSumTail, signedRankTail } from './rank-distributions.ts';

/** Of paired values that are symmetric about 0 when there is no difference. */
export function signedRankTest(values: readonly number[]): number {
  const magnitudes = values.map(Math.abs).sort((a, b) => a - b);
  let positive = 0;
  for (const value of values) {
    // Ties share their mean rank, and 0 has half a sign.
    const rank = (magnitudes.indexOf(Math.abs(value)) + magnitudes.lastIndexOf(Math.abs(value))) / 2 + 1;
    positive += value > 0 ? rank : value === 0 ? rank / 2 : 0;
  }
  const all = (values.length * (values.length + 1)) / 2;
  return twoSided(signedRankTail(values.length)(Math.floor(Math.min(positive, all - positive))));
}

/** Of two samples that have one distribution when there is no difference. */
export function rankSumTest(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const first of a) for (const second of b) wins += first > second ? 1 : first === second ? 0.5 : 0;
  return twoSided(rankSumTail(a.length, b.length)(Math.floor(Math.min(wins, a.length * b.length - wins))));
}

function twoSided(tail: number): number {
  return Math.min(1, 2 * tail);
}
