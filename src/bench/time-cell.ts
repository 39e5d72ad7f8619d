import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import { deviceOf } from '../engines/registry.ts';
import type { CompileOptions, Execution, Precision, Step, Values } from '../engines/engine.ts';
import { initializeWeights, randomInputs } from '../engines/weights.ts';
import { EcfxError } from '../errors.ts';
import { stepUpTo } from '../gradients/parts.ts';
import type { Graph } from '../graph/graph.ts';
import type { Protocol, RunRecord } from '../results/schema.ts';
import type { Telemetry } from '../results/telemetry-schema.ts';
import type { Cell } from './plan.ts';
import { graphOf } from './subject-graph.ts';
import { watchTelemetry } from './telemetry/telemetry.ts';

/** What a worker is told. */
export interface CellTask {
  readonly runFile: string;
  readonly cell: Cell;
  readonly protocol: Protocol;
  readonly seed: number;
}

export interface CellOutcome {
  /** Of the process with everything compiled and fed, before the first step. */
  readonly baselineMemoryBytes?: number;
  /** Of the first step and of the last one; training only. */
  readonly loss?: { readonly first: number; readonly last: number };
  /** Seconds per step of training cut short before the backward pass, and before the update. */
  readonly split?: { readonly forward: number; readonly backward: number };
  readonly execution?: Execution;
  /** Over the timed blocks. */
  readonly telemetry?: Telemetry | null;
}

/**
 * Measures one cell in this process: compiles, warms up, times blocks. Each block is handed to `record` before the
 * next one starts. Throws `EcfxError` (failure) when the outputs stop being finite numbers.
 */
export async function timeCell(
  { cell, protocol, seed }: CellTask,
  record: (record: RunRecord) => void,
): Promise<CellOutcome> {
  const { subject } = cell;
  const graph = graphOf(subject);
  const inputs = randomInputs(graph, seed);
  const device = deviceOf(subject.engine, subject.device);
  const options = (): CompileOptions => ({
    weights: initializeWeights(graph, seed),
    threads: subject.threads,
    precision: subject.precision as Precision,
  });

  const compileStart = performance.now();
  const executable = await device.compile(graph, options());
  const step = executable.bind(inputs);
  const compileSeconds = secondsSince(compileStart);
  const baselineMemoryBytes = process.memoryUsage.rss();
  const firstStep = await timeSteps(step, 1);
  checkFinite(graph, firstStep.outputs, 'the first step');

  const warmUp = await warm(step, protocol);
  const stepsPerBlock = Math.max(1, Math.ceil(protocol.minimumBlockSeconds / median(warmUp)));
  record({
    type: 'warm-up',
    cell: cell.key,
    compileSeconds,
    firstStepSeconds: firstStep.seconds,
    steps: warmUp.length,
    seconds: warmUp.reduce((sum, seconds) => sum + seconds, 0),
    stepsPerBlock,
  });

  const watch = watchTelemetry(subject.device);
  const origin = performance.now();
  let last = firstStep.outputs;
  for (let index = 0; index < protocol.blocksPerCell; index++) {
    const start = secondsSince(origin);
    const { seconds, outputs } = await timeSteps(step, stepsPerBlock);
    checkFinite(graph, outputs, `block ${index + 1}`);
    record({ type: 'block', cell: cell.key, index, steps: stepsPerBlock, start, seconds });
    last = outputs;
  }
  const telemetry = await watch.stop(protocol.blocksPerCell * stepsPerBlock * subject.batch);
  const { execution } = executable;
  await executable.dispose();
  if (subject.mode === 'inference') return { baselineMemoryBytes, execution, telemetry };
  const loss = { first: lossOf(graph, firstStep.outputs), last: lossOf(graph, last) };
  if (protocol.split !== true) return { baselineMemoryBytes, execution, telemetry, loss };
  const partial = async (end: 'forward' | 'backward') => {
    const part = await device.compile(stepUpTo(graph, end), options());
    const times = await warm(part.bind(inputs), protocol);
    await part.dispose();
    // The first step also allocates.
    return median(times.slice(1));
  };
  const split = { forward: await partial('forward'), backward: await partial('backward') };
  return { baselineMemoryBytes, execution, telemetry, loss, split };
}

/** A network that computes nonsense may be fast: its times are not worth keeping. */
function checkFinite(graph: Graph, outputs: Values, when: string): void {
  for (const { name } of graph.outputs) {
    if (!outputs.get(name)!.every(Number.isFinite)) {
      throw new EcfxError('failure', `${name} is not finite after ${when}: the network diverged`);
    }
  }
}

function lossOf(graph: Graph, outputs: Values): number {
  return outputs.get(graph.outputs[0]!.name)![0]!;
}

/** Step times until both the time and the number of steps that the protocol asks for have passed. Seconds. */
async function warm(step: Step, protocol: Protocol): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (times.length < protocol.minimumWarmUpSteps || secondsSince(start) < protocol.warmUpSeconds) {
    times.push((await timeSteps(step, 1)).seconds);
  }
  return times;
}

/** Runs `steps` steps, at least one, to their end; the outputs are the last one's and are read off the clock. */
async function timeSteps(step: Step, steps: number): Promise<{ seconds: number; outputs: Values }> {
  const start = performance.now();
  for (let index = 0; index < steps; index++) await step.advance();
  await step.synchronize();
  const seconds = secondsSince(start);
  return { seconds, outputs: await step.outputs() };
}

/** `performance.now` is monotonic and has nanosecond resolution in Node. */
function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
