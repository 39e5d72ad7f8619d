import { countNodes, flops, sumCounts } from '../analysis/count.ts';
import type { Protocol, Subject } from '../results/schema.ts';
import { guessCellSeconds, planCells } from './plan.ts';
import { graphOf } from './subject-graph.ts';

export interface PlanResult {
  readonly schema: 'ecfx.plan/1';
  readonly protocol: Protocol;
  readonly seed: number;
  readonly subjects: readonly (Subject & { readonly guessedCellSeconds: number })[];
  /** In the order in which they would run. */
  readonly cells: readonly { readonly round: number; readonly position: number; readonly variant: string }[];
  /** A guess from counted FLOPs; nothing was measured for it. */
  readonly guessedSeconds: number;
}

/** What a run would measure, in which order, and about how long it would take. */
export function describePlan(subjects: readonly Subject[], protocol: Protocol, seed: number): PlanResult {
  const guessed = subjects.map((subject) => {
    const work = sumCounts(countNodes(graphOf(subject, Math.max(2, subject.batch))));
    return { ...subject, guessedCellSeconds: guessCellSeconds(flops(work), subject.threads, protocol) };
  });
  return {
    schema: 'ecfx.plan/1',
    protocol,
    seed,
    subjects: guessed,
    cells: planCells(subjects, protocol, seed).map(({ round, position, subject }) => ({
      round,
      position,
      variant: subject.variant,
    })),
    guessedSeconds:
      protocol.rounds * guessed.reduce((sum, { guessedCellSeconds }) => sum + guessedCellSeconds, 0),
  };
}
