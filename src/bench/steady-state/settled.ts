import { mean } from 'simple-statistics';
import type { SteadyState } from '../../results/schema.ts';
import { changePoints } from './change-point.ts';
import { theilSen } from './theil-sen.ts';

/** Relative change over the window that still counts as none. */
const tolerance = 0.005;

/**
 * Whether a series of step times has come to rest: no change of level in the last `window` blocks (or the last half of
 * all, where that is more), and a slope over them whose 95 % interval lies within ± 0.5 % of the window. A slope that is
 * not significant is no proof: on a noisy machine `proven` stays false, and the label says what was seen.
 */
export function assessSteadyState(stepSeconds: readonly number[], window: number): SteadyState {
  const logs = stepSeconds.map(Math.log);
  const blocks = logs.length;
  const changes = changePoints(logs);
  const steadyFrom = changes.at(-1) ?? 0;
  const from = Math.max(0, blocks - Math.max(window, Math.floor(blocks / 2)));
  const looked = logs.slice(from);
  const slope = theilSen(looked);
  const overWindow = (perBlock: number) => Math.expm1(perBlock * (looked.length - 1));
  const drift = slope && { low: overWindow(slope.low), high: overWindow(slope.high) };
  const isRising = drift !== null && drift.low > tolerance;
  const isFalling = drift !== null && drift.high < -tolerance;
  // A change at the window's first block lies before what was looked at.
  const changesLate = steadyFrom > from;
  const isWide = drift === null || drift.low < -tolerance || drift.high > tolerance;
  return {
    label: changesLate || isRising || isFalling ? 'no-steady-state' : labelOf(logs, changes),
    blocks,
    steadyFrom,
    drift,
    proven: !changesLate && !isWide && blocks >= window,
  };
}

/** By the levels between the changes: the last one against the fastest and the slowest before it. */
function labelOf(logs: readonly number[], changes: readonly number[]): SteadyState['label'] {
  // A warm-up so short that it has no blocks shows nothing against it.
  if (logs.length === 0) return 'flat';
  const levels = [0, ...changes].map((start, index) => mean(logs.slice(start, changes[index])));
  const last = levels.at(-1) ?? 0;
  if (levels.some((level) => level < last - tolerance)) return 'slow-down';
  return levels.some((level) => level > last + tolerance) ? 'warm-up' : 'flat';
}
