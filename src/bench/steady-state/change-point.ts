import { median } from 'simple-statistics';

/** Scatter below which a series counts as constant: a hundredth of a per cent of a logarithm. */
const leastDeviation = 1e-4;

/** Penalty of a change in units of ln n, and the fewest values between two changes. */
const penaltyFactor = 3;
const shortestSegment = 3;

/**
 * Indices at which the level of a series changes: PELT (Killick, Fearnhead & Eckley 2012) with the squared distance to
 * the segment's mean, in units of the noise, and a penalty of 3 ln n a change, as Barrett et al. (2017) use on logarithms
 * of times. Spikes are taken out first, as they do: one slow value is an outlier, not a level.
 */
export function changePoints(values: readonly number[]): number[] {
  const deviation = Math.max(leastDeviation, noiseOf(values));
  const scaled = withoutSpikes(values, deviation).map((value) => value / deviation);
  return pelt(scaled, penaltyFactor * Math.log(Math.max(2, values.length)));
}

/**
 * Standard deviation from the differences of neighbours, by their median magnitude: neither a change of level nor a few
 * spikes count. 0.6745 is the median magnitude of a standard normal number.
 */
function noiseOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const steps = values.slice(1).map((value, index) => Math.abs(value - values[index]!));
  return median(steps) / (0.6745 * Math.SQRT2);
}

/** Values that lie far from the median of their neighbourhood of five take its place. */
function withoutSpikes(values: readonly number[], deviation: number): number[] {
  return values.map((value, index) => {
    const first = Math.max(0, Math.min(index - 2, values.length - 5));
    const middle = median(values.slice(first, first + 5));
    return Math.abs(value - middle) > 3 * deviation ? middle : value;
  });
}

function pelt(values: readonly number[], penalty: number): number[] {
  const length = values.length;
  const sums = [0];
  const squares = [0];
  for (const [index, value] of values.entries()) {
    sums.push(sums[index]! + value);
    squares.push(squares[index]! + value ** 2);
  }
  const cost = (from: number, to: number) =>
    squares[to]! - squares[from]! - (sums[to]! - sums[from]!) ** 2 / (to - from);

  const best = [-penalty];
  const lastChange = [0];
  let candidates = [0];
  for (let end = 1; end <= length; end++) {
    let least = Infinity;
    let at = 0;
    for (const start of candidates) {
      if (end - start < shortestSegment) continue;
      const total = best[start]! + cost(start, end) + penalty;
      if (total < least) [least, at] = [total, start];
    }
    best.push(least);
    lastChange.push(at);
    // A start that is worse than the best end even without a penalty can never win again.
    candidates = candidates.filter(
      (start) => end - start < shortestSegment || best[start]! + cost(start, end) <= least,
    );
    candidates.push(end);
  }

  const changes: number[] = [];
  for (let end = lastChange[length] ?? 0; end > 0; end = lastChange[end]!) changes.unshift(end);
  return changes;
}
