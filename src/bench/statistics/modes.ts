import { mean } from 'simple-statistics';

/** Two groups that values fall into: their means, and how many values each has. */
export interface Modes {
  readonly low: { readonly centre: number; readonly count: number };
  readonly high: { readonly centre: number; readonly count: number };
}

/** Fewer values fall into two groups by chance too often. */
const fewestValues = 10;

/** In standard deviations within the groups. Normal values pass both in 3 of 100 samples of ten, 2 of a thousand of twenty. */
const leastDistance = 5;
const leastGap = 2;

/**
 * The two modes of values that have two: split in two where the squares within are least, the groups' means lie far apart
 * and there is a gap between them that no value is in. Each group has at least three values and a fifth of them.
 */
export function twoModes(values: readonly number[]): Modes | null {
  if (values.length < fewestValues) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const least = Math.max(3, Math.ceil(sorted.length / 5));
  let best = { squares: Infinity, at: 0 };
  for (let at = least; at <= sorted.length - least; at++) {
    const squares = squaresAbout(sorted.slice(0, at)) + squaresAbout(sorted.slice(at));
    if (squares < best.squares) best = { squares, at };
  }
  const [low, high] = [sorted.slice(0, best.at), sorted.slice(best.at)];
  const within = Math.sqrt(best.squares / (sorted.length - 2));
  const [lowCentre, highCentre] = [mean(low), mean(high)];
  const gap = high[0]! - low.at(-1)!;
  if (highCentre - lowCentre <= leastDistance * within || gap <= leastGap * within) return null;
  return {
    low: { centre: lowCentre, count: low.length },
    high: { centre: highCentre, count: high.length },
  };
}

function squaresAbout(values: readonly number[]): number {
  const centre = mean([...values]);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
