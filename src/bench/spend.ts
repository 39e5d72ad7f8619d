import { median, sampleStandardDeviation } from 'simple-statistics';
import type { FinishedCell } from '../results/cells.ts';
import type { Protocol, RunRecord, Subject } from '../results/schema.ts';
import { bySetting, settingKey, subjectKey } from '../results/setting.ts';
import {
  blockBounds,
  blocksPerProcess,
  pilotDeviations,
  ratioDeviation,
  roundsForPrecision,
  roundSeconds,
  type CellCost,
} from './statistics/spending.ts';
import { studentTQuantile } from './statistics/student-t.ts';
import { fewestRounds } from './statistics/verdict.ts';

export type Allocation = Extract<RunRecord, { type: 'allocation' }>;

/** Rounds with which a run that has a budget or a precision starts, to learn where the variance is. */
export const pilotRounds = 3;

/** Rounds at which a run without a budget ends whose precision is out of reach. */
export const mostRounds = 100;

/** Rounds before which no interval is narrow enough to stop: those of two or three are narrow by luck. */
const fewestPrecise = 4;

/**
 * What a pilot advises: blocks per cell of each subject, where a block costs little against a process, and rounds that
 * spend the budget or reach the precision. Null when the pilot has too little to say.
 */
export function allocate(
  subjects: readonly Subject[],
  cells: readonly FinishedCell[],
  { budgetSeconds, precision }: Protocol,
  spentSeconds: number,
): Omit<Allocation, 'type' | 'afterRound'> | null {
  const timed = cells.filter(isTimed);
  const deviations = pilotDeviations(
    timed.map((cell) => ({
      subject: memberKey(cell),
      round: cell.start.round,
      stepSeconds: stepSeconds(cell),
    })),
  );
  const costs = subjects.map((subject) => costOf(timed, subject));
  const known = costs.filter((cost) => cost !== null);
  if (deviations === null || known.length === 0) return null;
  const best = costs.map((cost) => blocksPerProcess(deviations, cost ?? known[0]!));
  const done = new Set(timed.map(({ start }) => start.round)).size;
  const affordableWith = (blocks: readonly number[]) => {
    if (budgetSeconds === undefined) return mostRounds;
    const ahead = subjects.flatMap((subject, index) => {
      const cost = costs[index] ?? null;
      if (cost === null) return [];
      const isReference = bySetting(subjects).some(([reference]) => reference === subject);
      const cell = { ...cost, blocks: blocks[index]! };
      return isReference ? [cell, cell] : [cell];
    });
    return done + Math.floor(Math.max(0, budgetSeconds - spentSeconds) / roundSeconds(ahead));
  };
  // Blocks that cost the verdict its rounds are not worth their time.
  const blocksPerCell = affordableWith(best) < fewestRounds ? best.map(() => blockBounds.least) : best;
  const affordable = affordableWith(blocksPerCell);
  const needed =
    precision === undefined
      ? Infinity
      : roundsForPrecision(ratioDeviation(deviations, Math.min(...blocksPerCell)), precision);
  const rounds = Math.min(needed, affordable);
  return { rounds: Math.max(done, rounds), blocksPerCell };
}

/** Whether the 95 % interval of every ratio to a setting's reference, the control's too, is within ± `precision`. */
export function isPreciseEnough(cells: readonly FinishedCell[], precision: number): boolean {
  const settings = new Map<string, FinishedCell[]>();
  for (const cell of cells.filter(isTimed)) {
    const key = settingKey(cell.start);
    settings.set(key, [...(settings.get(key) ?? []), cell]);
  }
  if (settings.size === 0) return false;
  return [...settings.values()].every((own) => {
    const reference = own.find(({ start }) => start.control === true);
    if (!reference) return false;
    const referenceKey = subjectKey(reference.start);
    const references = medians(own.filter((cell) => memberKey(cell) === referenceKey));
    const others = new Set(own.map(memberKey).filter((key) => key !== referenceKey));
    return [...others].every((key) => {
      const logRatios = [...medians(own.filter((cell) => memberKey(cell) === key))].flatMap(
        ([round, seconds]) => {
          const other = references.get(round);
          return other === undefined ? [] : [Math.log(seconds / other)];
        },
      );
      if (logRatios.length < fewestPrecise) return false;
      const halfWidth =
        (studentTQuantile(0.975, logRatios.length - 1) * sampleStandardDeviation(logRatios)) /
        Math.sqrt(logRatios.length);
      return halfWidth <= Math.log1p(precision);
    });
  });
}

function isTimed({ blocks, end }: FinishedCell): boolean {
  return blocks.length > 0 && end.error === undefined;
}

/** The control counts as a subject of its own. */
function memberKey({ start }: FinishedCell): string {
  return start.control === true ? `control ${subjectKey(start)}` : subjectKey(start);
}

function stepSeconds({ blocks }: FinishedCell): number[] {
  return blocks.map(({ seconds, steps }) => seconds / steps);
}

function medians(cells: readonly FinishedCell[]): Map<number, number> {
  return new Map(cells.map((cell) => [cell.start.round, median(stepSeconds(cell))]));
}

/** Medians over a subject's cells; of its later ones, if there are such, whose warm-up is no longer the pilot's. */
function costOf(cells: readonly FinishedCell[], subject: Subject): CellCost | null {
  const own = cells.filter(({ start }) => subjectKey(start) === subjectKey(subject));
  const frozen = own.filter(({ warmUp }) => warmUp?.frozenSteps !== undefined);
  const costs = (frozen.length > 0 ? frozen : own).flatMap(({ end, blocks }) => {
    const blockSeconds = blocks.map(({ seconds }) => seconds);
    const timed = blockSeconds.reduce((sum, seconds) => sum + seconds, 0);
    return end.seconds === undefined
      ? []
      : [{ processSeconds: end.seconds - timed, blockSeconds: median(blockSeconds) }];
  });
  if (costs.length === 0) return null;
  return {
    processSeconds: median(costs.map(({ processSeconds }) => processSeconds)),
    blockSeconds: median(costs.map(({ blockSeconds }) => blockSeconds)),
  };
}
