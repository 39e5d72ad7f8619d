import os from 'node:os';
import { median } from 'simple-statistics';
import { finishedCells } from '../results/cells.ts';
import type { Run } from '../results/run-file.ts';
import type { RunRecord } from '../results/schema.ts';
import { planRound, roundsOfShard } from './plan.ts';
import { isStillWriting, type Writer } from './writer.ts';

/** How far a run, or several, has come. */
export interface RunState {
  readonly finishedCells: number;
  /** With a budget or a precision it is a guess. */
  readonly plannedCells: number;
  /** What a cell takes; null before the first has ended. */
  readonly cellSeconds: number | null;
}

export function stateOf(runs: readonly Run[]): RunState {
  const cells = runs.flatMap(({ records }) => finishedCells(records));
  const seconds = cells.flatMap(({ end }) => end.seconds ?? []);
  return {
    finishedCells: cells.length,
    plannedCells: runs.reduce((sum, run) => sum + plannedCells(run), 0),
    cellSeconds: seconds.length === 0 ? null : median(seconds),
  };
}

/** A run that has no end and whose process lives; of another machine's process nobody can say that it does not. */
export function isGoingOn(run: Run): boolean {
  const writer = writerOf(run);
  if (endOf(run) !== undefined || writer === undefined) return false;
  return writer.host !== os.hostname() || isStillWriting(writer);
}

/** How its last process came to an end; undefined for one that goes on or was killed. */
export function endOf({ records }: Run): Extract<RunRecord, { type: 'run-end' }> | undefined {
  const last = records.findLast((record) => record.type === 'run-end' || record.type === 'resume');
  return last?.type === 'run-end' ? last : undefined;
}

/** The last process that began to write it. */
export function writerOf({ header, records }: Run): Writer | undefined {
  return records.findLast((record) => record.type === 'resume')?.writer ?? header.writer;
}

function plannedCells({ header, records }: Run): number {
  const { subjects, seed, protocol, shard } = header;
  const allocation = records.findLast((record) => record.type === 'allocation');
  const rounds = roundsOfShard(allocation?.rounds ?? protocol.rounds, shard);
  return rounds * planRound(subjects, 1, seed).length;
}
