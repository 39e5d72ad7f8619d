import type { Estimate } from '../../src/results/schema.ts';

/** How many times beyond all estimates an axis follows an interval. */
const farthest = 4;

/**
 * The values that an axis has to show for estimates and their intervals. Intervals over two rounds reach over many decades
 * where rounds differ, and an axis that followed them would show nothing else: bars that go on beyond are cut off at the
 * frame, and the table below has their ends.
 */
export function intervalExtent(estimates: readonly Estimate[]): number[] {
  const values = estimates.map(({ estimate }) => estimate);
  const least = Math.min(...values) / farthest;
  const most = Math.max(...values) * farthest;
  return estimates.flatMap(({ estimate, low, high }) => [
    estimate,
    Math.max(least, low ?? estimate),
    Math.min(most, high ?? estimate),
  ]);
}
