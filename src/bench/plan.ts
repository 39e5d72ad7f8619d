import { createRandom, shuffled } from '../mathematics/random.ts';
import type { Protocol, Subject } from '../results/schema.ts';

/** One fresh process: one subject in one round. */
export interface Cell {
  /** Unique in a run. */
  readonly key: string;
  readonly round: number;
  /** Place in the round, from 1. */
  readonly position: number;
  readonly subject: Subject;
}

/** The cells of a run in the order in which they run: every subject once a round, in a fresh random order. */
export function planCells(subjects: readonly Subject[], { rounds }: Protocol, seed: number): Cell[] {
  const random = createRandom(seed, 'order of cells');
  return Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    shuffled(subjects, random).map((subject, index) => ({
      key: `${round}.${index + 1}`,
      round,
      position: index + 1,
      subject,
    })),
  );
}

/** Operations per second and thread that a plan assumes; a middling desktop core. Only `--plan` depends on it. */
const assumedFlopsPerThread = 25e9;

/** Start of a process, drawing of weights, compilation. */
const assumedStartSeconds = 2;

/** A guess at how long a cell takes, from the counted FLOPs of a step: within a factor of two or three. */
export function guessCellSeconds(flopsPerStep: number, threads: number, protocol: Protocol): number {
  const step = flopsPerStep / (assumedFlopsPerThread * threads);
  const warmUp = Math.max(protocol.warmUpSeconds, (protocol.minimumWarmUpSteps + 1) * step);
  return assumedStartSeconds + warmUp + protocol.blocksPerCell * Math.max(protocol.minimumBlockSeconds, step);
}
