import { createRandom, shuffled } from '../mathematics/random.ts';
import type { Protocol, RunHeader, Subject } from '../results/schema.ts';
import { bySetting } from '../results/setting.ts';

/** One fresh process: one subject in one round. */
export interface Cell {
  /** Unique in a run. */
  readonly key: string;
  readonly round: number;
  /** Place in the round, from 1. */
  readonly position: number;
  readonly subject: Subject;
  /** The second run of a setting's reference in the round: the A/A control. */
  readonly control: boolean;
}

/** The part of a plan that one of several machines measures. */
export type Shard = NonNullable<RunHeader['shard']>;

/**
 * The cells of a round in the order in which they run, which is random and fresh in each: every subject once, and the
 * first of each setting, which the others are compared with, once more as the A/A control.
 */
export function planRound(subjects: readonly Subject[], round: number, seed: number): Cell[] {
  const controls = bySetting(subjects).map(([reference]) => ({ subject: reference, control: true }));
  const all = [...subjects.map((subject) => ({ subject, control: false })), ...controls];
  return shuffled(all, createRandom(seed, `order of round ${round}`)).map((each, index) => ({
    key: `${round}.${index + 1}`,
    round,
    position: index + 1,
    ...each,
  }));
}

/** The number of a run's `index`-th round (from 0): a shard has every `count`-th, so the shards share them out. */
export function roundNumber(index: number, shard: Shard = { index: 1, count: 1 }): number {
  return shard.index + index * shard.count;
}

/** How many rounds of a plan of `rounds` a shard has. */
export function roundsOfShard(rounds: number, { index, count }: Shard = { index: 1, count: 1 }): number {
  return Math.max(0, Math.ceil((rounds - index + 1) / count));
}

/** The cells of a plan whose rounds are known, in order. */
export function planCells(
  subjects: readonly Subject[],
  { rounds }: Protocol,
  seed: number,
  shard?: Shard,
): Cell[] {
  return Array.from({ length: roundsOfShard(rounds, shard) }, (_, index) =>
    planRound(subjects, roundNumber(index, shard), seed),
  ).flat();
}

/** Operations per second and thread that a plan assumes; a middling desktop core. Only `--plan` depends on it. */
const assumedFlopsPerThread = 25e9;

/** Start of a process, drawing of weights, compilation. */
const assumedStartSeconds = 2;

/** A guess at how long a cell takes, from the counted FLOPs of a step: within a factor of two or three. */
export function guessCellSeconds(flopsPerStep: number, threads: number, protocol: Protocol): number {
  const step = flopsPerStep / (assumedFlopsPerThread * threads);
  const warmUp = Math.max(protocol.warmUpSeconds, (protocol.minimumWarmUpSteps + 1) * step);
  const latency = Math.min(5, protocol.latencySteps ?? 0) * step;
  const blocks = protocol.blocksPerCell * Math.max(protocol.minimumBlockSeconds, step);
  return assumedStartSeconds + warmUp + blocks + latency;
}
