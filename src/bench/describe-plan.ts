import { countNodes, flops, sumCounts } from '../analysis/count.ts';
import type { Protocol, Subject } from '../results/schema.ts';
import { guessCellSeconds, planCells, type Shard } from './plan.ts';
import { subjectKey } from '../results/setting.ts';
import { graphOf } from './subject-graph.ts';

export interface PlanResult {
  readonly schema: 'ecfx.plan/1';
  readonly protocol: Protocol;
  readonly seed: number;
  readonly shard?: Shard;
  readonly subjects: readonly (Subject & { readonly guessedCellSeconds: number })[];
  /** In the order in which they would run. */
  readonly cells: readonly {
    readonly round: number;
    readonly position: number;
    readonly variant: string;
    readonly control: boolean;
  }[];
  /** A guess from counted FLOPs; nothing was measured for it. */
  readonly guessedSeconds: number;
}

/** What a run would measure, in which order, and about how long it would take. */
export function describePlan(
  subjects: readonly Subject[],
  protocol: Protocol,
  seed: number,
  shard?: Shard,
): PlanResult {
  const guessed = subjects.map((subject) => {
    const work = sumCounts(countNodes(graphOf(subject, Math.max(2, subject.batch))));
    return { ...subject, guessedCellSeconds: guessCellSeconds(flops(work), subject, protocol) };
  });
  const secondsOf = new Map(guessed.map((subject) => [subjectKey(subject), subject.guessedCellSeconds]));
  const cells = planCells(subjects, protocol, seed, shard);
  const guessedSeconds = cells.reduce((sum, { subject }) => sum + secondsOf.get(subjectKey(subject))!, 0);
  return {
    schema: 'ecfx.plan/1',
    protocol,
    seed,
    ...(shard && { shard }),
    subjects: guessed,
    cells: cells.map(({ round, position, subject, control }) => ({
      round,
      position,
      variant: subject.variant,
      control,
    })),
    guessedSeconds,
  };
}

/** A run of hours, and the subject of which a cell takes longest. */
export interface LongRun {
  readonly seconds: number;
  readonly slowest: PlanResult['subjects'][number];
}

/** Beyond this, a person who was not warned would wonder. */
const longSeconds = 3600;

/**
 * What a person should know before a run of hours; undefined for a run that is guessed to be short. A budget ends a run
 * between rounds: one is measured whatever it takes.
 */
export function foreseeLongRun({ subjects, protocol, guessedSeconds }: PlanResult): LongRun | undefined {
  const seconds = protocol.budgetSeconds === undefined ? guessedSeconds : guessedSeconds / protocol.rounds;
  if (seconds <= (protocol.budgetSeconds ?? longSeconds)) return undefined;
  const slowest = subjects.reduce((most, each) =>
    each.guessedCellSeconds > most.guessedCellSeconds ? each : most,
  );
  return { seconds, slowest };
}
