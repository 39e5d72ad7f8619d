import type { DeviceName } from '../engines/engine.ts';
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

/**
 * Operations per second that a plan assumes. `cpu` is a thread of a middling desktop processor, and `wasm` and `js` beside
 * it are as BENCHMARKS.md has them; of graphics cards nothing is known beforehand. Only `--plan` and the warning of a
 * long run depend on it.
 */
const assumedFlops: Readonly<Record<DeviceName, number>> = {
  cpu: 25e9,
  webgpu: 500e9,
  cuda: 2e12,
  coreml: 1e12,
  dml: 500e9,
  wasm: 3e9,
  js: 0.2e9,
};

/** Start of a process, drawing of weights, compilation. */
const assumedStartSeconds = 2;

/** A guess at how long a cell takes, from the counted FLOPs of a step: within a factor of two or three. */
export function guessCellSeconds(
  flopsPerStep: number,
  { device, threads }: Pick<Subject, 'device' | 'threads'>,
  protocol: Protocol,
): number {
  // Native kernels alone run on as many threads as they are told.
  const workers = device === 'cpu' ? threads : 1;
  const step = flopsPerStep / (assumedFlops[device as DeviceName] * workers);
  const warmUp = Math.max(protocol.warmUpSeconds, (protocol.minimumWarmUpSteps + 1) * step);
  const latency = Math.min(5, protocol.latencySteps ?? 0) * step;
  const blocks = protocol.blocksPerCell * Math.max(protocol.minimumBlockSeconds, step);
  return assumedStartSeconds + warmUp + blocks + latency;
}
