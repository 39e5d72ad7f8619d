import type { RunState } from '../../src/bench/run-state.ts';
import { formatSeconds } from '../tables/format.ts';

/** A page of a run that goes on: it says how far the run is, and loads itself anew. */
export interface Watched {
  readonly sentence: string;
  readonly reloadSeconds: number;
}

/** Drawing takes a browser a moment, on what may be the machine that measures: not more often than there is news. */
const reloadSeconds = { least: 5, most: 60 };

export function watched({ finishedCells, plannedCells, cellSeconds }: RunState): Watched {
  const { least, most } = reloadSeconds;
  const seconds = Math.ceil(Math.min(most, Math.max(least, cellSeconds ?? least)));
  const left = cellSeconds === null ? 0 : cellSeconds * (plannedCells - finishedCells);
  const rest = left > 0 ? `, about ${formatSeconds(Math.ceil(left))} left` : '';
  return {
    sentence:
      `Still being measured: ${String(finishedCells)} of about ${String(plannedCells)} processes have ended${rest}. ` +
      `This page loads itself anew every ${String(seconds)} seconds.`,
    reloadSeconds: seconds,
  };
}
