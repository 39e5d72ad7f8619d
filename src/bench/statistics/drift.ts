import { linearRegression } from 'simple-statistics';
import { rankSumTest } from './rank-tests.ts';

/** How times developed over a run. */
export interface Drift {
  /** Relative change of the time of a step in an hour: 0.05 is five per cent slower. */
  readonly perHour: number;
  /** Of Wilcoxon's rank-sum test of the last third of the processes against the first, two-sided. */
  readonly p: number;
}

/** When a process was timed, in hours from any origin, and the log of its time. */
export interface TimedProcess {
  readonly hours: number;
  readonly logSeconds: number;
}

/** Null with fewer than six processes, or when all are of one moment. */
export function driftOf(processes: readonly TimedProcess[]): Drift | null {
  const ordered = processes.toSorted((a, b) => a.hours - b.hours);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (ordered.length < 6 || first === undefined || last === undefined || first.hours === last.hours)
    return null;
  const slope = linearRegression(ordered.map(({ hours, logSeconds }) => [hours, logSeconds])).m;
  const third = Math.floor(ordered.length / 3);
  const logs = ordered.map(({ logSeconds }) => logSeconds);
  const [early, late] = [logs.slice(0, third), logs.slice(-third)];
  return { perHour: Math.expm1(slope), p: rankSumTest(late, early) };
}
