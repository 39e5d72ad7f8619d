import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import { engines } from '../engines/registry.ts';
import type { EngineName } from '../engines/engine.ts';
import { initializeWeights, randomInputs } from '../engines/weights.ts';
import { buildGraph, parseVariant } from '../models/variant.ts';
import type { Protocol, RunRecord } from '../results/schema.ts';
import type { Cell } from './plan.ts';

/** What a worker is told. */
export interface CellTask {
  readonly runFile: string;
  readonly cell: Cell;
  readonly protocol: Protocol;
  readonly seed: number;
}

/**
 * Measures one cell in this process: compiles, warms up, times blocks. Each block is handed to `record` before the
 * next one starts.
 */
export async function timeCell(
  { cell, protocol, seed }: CellTask,
  record: (record: RunRecord) => void,
): Promise<void> {
  const { subject } = cell;
  const graph = buildGraph(parseVariant(subject.variant), subject.batch);
  const weights = initializeWeights(graph, seed);
  const inputs = randomInputs(graph, seed);
  const engine = engines[subject.engine as EngineName];

  const compileStart = performance.now();
  const executable = await engine.compile(graph, { weights, threads: subject.threads });
  const step = executable.bind(inputs);
  const compileSeconds = secondsSince(compileStart);
  const firstStepSeconds = await timeSteps(step, 1);

  const warmUp = await warm(step, protocol);
  const stepsPerBlock = Math.max(1, Math.ceil(protocol.minimumBlockSeconds / median(warmUp)));
  record({
    type: 'warm-up',
    cell: cell.key,
    compileSeconds,
    firstStepSeconds,
    steps: warmUp.length,
    seconds: warmUp.reduce((sum, seconds) => sum + seconds, 0),
    stepsPerBlock,
  });

  const origin = performance.now();
  for (let index = 0; index < protocol.blocksPerCell; index++) {
    const start = secondsSince(origin);
    const seconds = await timeSteps(step, stepsPerBlock);
    record({ type: 'block', cell: cell.key, index, steps: stepsPerBlock, start, seconds });
  }
  await executable.dispose();
}

/** Step times until both the time and the number of steps that the protocol asks for have passed. Seconds. */
async function warm(step: () => Promise<void>, protocol: Protocol): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (times.length < protocol.minimumWarmUpSteps || secondsSince(start) < protocol.warmUpSeconds) {
    times.push(await timeSteps(step, 1));
  }
  return times;
}

async function timeSteps(step: () => Promise<void>, steps: number): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < steps; index++) await step();
  return secondsSince(start);
}

/** `performance.now` is monotonic and has nanosecond resolution in Node. */
function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
