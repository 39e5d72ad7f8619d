/** How rank statistics are distributed when nothing is the matter (Hollander & Wolfe, *Nonparametric Statistical Methods*). */
import { normalCdf } from '../../mathematics/normal-distribution.ts';

/** Up to here distributions are exact; beyond they are as good as normal. */
const largestExact = 40;

/** P(statistic ≤ value) for value = 0, 1, …, in steps of 1. */
export type LowerTail = (value: number) => number;

/** Of W, the sum of the ranks of those of `count` values that are positive, when each sign is equally probable. */
export function signedRankTail(count: number): LowerTail {
  return remembered(`${count}`, () => makeSignedRankTail(count));
}

function makeSignedRankTail(count: number): LowerTail {
  if (count > largestExact) {
    const variance = (count * (count + 1) * (2 * count + 1)) / 24;
    return normalTail((count * (count + 1)) / 4, variance);
  }
  let probabilities = [1];
  for (let rank = 1; rank <= count; rank++) {
    const next = new Array<number>(probabilities.length + rank).fill(0);
    for (const [sum, probability] of probabilities.entries()) {
      next[sum]! += probability / 2;
      next[sum + rank]! += probability / 2;
    }
    probabilities = next;
  }
  return cumulative(probabilities);
}

/** Of U, the number of pairs in which the first sample's member is the larger, when both are from one distribution. */
export function rankSumTail(first: number, second: number): LowerTail {
  return remembered(`${first} ${second}`, () => makeRankSumTail(first, second));
}

function makeRankSumTail(first: number, second: number): LowerTail {
  if (Math.max(first, second) > largestExact) {
    return normalTail((first * second) / 2, (first * second * (first + second + 1)) / 12);
  }
  // The largest of all values is of the first sample with probability i / (i + j), and then beats all of the second.
  let shorter: number[][] = Array.from({ length: second + 1 }, () => [1]);
  for (let i = 1; i <= first; i++) {
    const rows: number[][] = [[1]];
    for (let j = 1; j <= second; j++) {
      const next = new Array<number>(i * j + 1).fill(0);
      for (const [pairs, probability] of shorter[j]!.entries())
        next[pairs + j]! += (probability * i) / (i + j);
      for (const [pairs, probability] of rows[j - 1]!.entries()) next[pairs]! += (probability * j) / (i + j);
      rows.push(next);
    }
    shorter = rows;
  }
  return cumulative(shorter[second]!);
}

/** Few are asked for, each many times. */
const known = new Map<string, LowerTail>();

function remembered(key: string, make: () => LowerTail): LowerTail {
  let tail = known.get(key);
  if (tail === undefined) {
    tail = make();
    known.set(key, tail);
  }
  return tail;
}

/** The largest value with P(statistic ≤ value) ≤ `probability`; −1 when there is none. */
export function lowerQuantile(tail: LowerTail, probability: number): number {
  let value = -1;
  let step = 1;
  while (tail(value + step) <= probability) step *= 2;
  for (; step >= 1; step /= 2) {
    while (tail(value + step) <= probability) value += step;
  }
  return value;
}

function cumulative(probabilities: readonly number[]): LowerTail {
  let sum = 0;
  const sums = probabilities.map((probability) => (sum += probability));
  return (value) => (value < 0 ? 0 : (sums[value] ?? 1));
}

function normalTail(mean: number, variance: number): LowerTail {
  return (value) => normalCdf((value + 0.5 - mean) / Math.sqrt(variance));
}
