/**
 * p-values by permutation: how often chance alone gives a mean as far from 0 as the one that was seen. Exact while all
 * arrangements can be gone through, else from seeded draws, of which what was seen is one (so p is never 0).
 */
import type { Random } from '../../mathematics/random.ts';

const mostArrangements = 2 ** 16;
const draws = 10_000;

/** Two-sided, for paired values: without a difference each could as well have the other sign. */
export function signFlipTest(values: readonly number[], random: Random): number {
  const seen = Math.abs(values.reduce((sum, value) => sum + value, 0));
  // Sums in another order differ in the last digits; equal arrangements must count as equal.
  const enough = seen * (1 - 1e-12);
  if (2 ** values.length > mostArrangements) {
    let count = 1;
    for (let draw = 0; draw < draws; draw++) {
      let sum = 0;
      for (const value of values) sum += random.uniform() < 0.5 ? value : -value;
      if (Math.abs(sum) >= enough) count++;
    }
    return count / (draws + 1);
  }
  const arrangements = 2 ** values.length;
  let count = 0;
  for (let signs = 0; signs < arrangements; signs++) {
    let sum = 0;
    for (let index = 0; index < values.length; index++)
      sum += (signs >> index) & 1 ? -values[index]! : values[index]!;
    if (Math.abs(sum) >= enough) count++;
  }
  return count / arrangements;
}

/** Two-sided, for two samples: without a difference each value could as well be of the other one. */
export function labelTest(a: readonly number[], b: readonly number[], random: Random): number {
  const all = [...a, ...b];
  const centre = all.reduce((sum, value) => sum + value, 0) / all.length;
  const values = all.map((value) => value - centre);
  // With the overall mean taken out, the difference of means is proportional to the first sample's sum.
  const seen = Math.abs(values.slice(0, a.length).reduce((sum, value) => sum + value, 0));
  const enough = seen * (1 - 1e-12);
  let count = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let index = 0; index < a.length; index++) {
      const other = index + Math.floor(random.uniform() * (values.length - index));
      [values[index], values[other]] = [values[other]!, values[index]!];
      sum += values[index]!;
    }
    if (Math.abs(sum) >= enough) count++;
  }
  return count / (draws + 1);
}
