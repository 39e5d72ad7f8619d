import { median, quantile } from 'simple-statistics';
import type { BenchRow } from '../results/schema.ts';

/** Steps of which at least one is expected to be slower than the percentile. */
const fewestSteps = { p95: 20, p99: 100 } as const;

/** What is known of how long a caller waits for one step; undefined when none was waited for. Seconds. */
export function latencyOf(seconds: readonly number[]): BenchRow['latency'] {
  const steps = seconds.length;
  if (steps === 0) return undefined;
  const values = [...seconds];
  return {
    steps,
    median: median(values),
    ...(steps >= fewestSteps.p95 && { p95: quantile(values, 0.95) }),
    ...(steps >= fewestSteps.p99 && { p99: quantile(values, 0.99) }),
  };
}
