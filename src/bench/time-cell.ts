import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import { deviceOf } from '../engines/registry.ts';
import type { CompileOptions, Execution, Precision, Step, Values } from '../engines/engine.ts';
import { initializeWeights, randomInputs } from '../engines/weights.ts';
import { EcfxError } from '../errors.ts';
import { stepUpTo } from '../gradients/parts.ts';
import type { Graph } from '../graph/graph.ts';
import type { Protocol, RunRecord, SteadyState } from '../results/schema.ts';
import type { Telemetry } from '../results/telemetry-schema.ts';
import { secondsSince } from './clock.ts';
import { CollectionWatch } from './collections.ts';
import { environmentBetween, readCounters } from './machine/environment.ts';
import type { Cell } from './plan.ts';
import { assessSteadyState } from './steady-state/settled.ts';
import { graphOf } from './subject-graph.ts';
import { watchTelemetry } from './telemetry/telemetry.ts';
import { timeSteps } from './time-steps.ts';
import { refuseHopeless } from './try-batch.ts';
import { steadyBlocksOf, warmUp } from './warm-up.ts';

/** What a worker is told. */
export interface CellTask {
  readonly runFile: string;
  readonly cell: Cell;
  readonly protocol: Protocol;
  readonly seed: number;
  /** Steps of warm-up, once the pilot has found how many are needed. */
  readonly frozenSteps?: number;
  /** What a step may need at most; it is not tried when it is known to need more. Bytes. */
  readonly memoryLimitBytes: number;
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
  /** Of warm-up and timed blocks together. */
  readonly steadyState?: SteadyState;
}

/** Time that the steps of the latency phase may take in all, and the fewest of them. Seconds. */
const latencySeconds = 2;
const fewestLatencySteps = 5;

/**
 * Measures one cell in this process: compiles, warms up, times blocks, then single steps where blocks have several. Each
 * block is handed to `record` before the next one starts. Throws `EcfxError` (failure) when the outputs stop being finite numbers.
 */
export async function timeCell(
  { cell, protocol, seed, frozenSteps, memoryLimitBytes }: CellTask,
  record: (record: RunRecord) => void,
): Promise<CellOutcome> {
  const { subject } = cell;
  const graph = graphOf(subject);
  refuseHopeless(graph, memoryLimitBytes);
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
  const firstStepSeconds = await timeSteps(step, 1);
  const firstOutputs = await step.outputs();
  checkFinite(graph, firstOutputs, 'the first step');
  const firstLoss = lossOf(graph, firstOutputs);

  const window = steadyBlocksOf(protocol);
  const warm = await warmUp(step, protocol, frozenSteps);
  const { stepsPerBlock } = warm;
  // Some hundred steps: most training that diverges has done so by now, and need not be timed.
  checkFinite(graph, await step.outputs(), 'the warm-up', firstLoss);
  record({
    type: 'warm-up',
    cell: cell.key,
    compileSeconds,
    firstStepSeconds,
    steps: warm.steps,
    seconds: warm.seconds,
    stepsPerBlock,
    ...(frozenSteps !== undefined && { frozenSteps }),
    stepSeconds: [...warm.stepSeconds],
    warmUpBlock: warm.warmUpBlock,
    steadyState: assessSteadyState(warm.stepSeconds, window),
    timerSeconds: warm.timerSeconds,
    synchronizationSeconds: warm.synchronizationSeconds,
  });

  const timed: number[] = [];
  let last = firstOutputs;
  const collectionWatch = new CollectionWatch();
  const telemetryWatch = watchTelemetry(subject.device);
  const before = readCounters();
  const origin = performance.now();
  for (let index = 0; index < protocol.blocksPerCell; index++) {
    collectionWatch.collect();
    const start = performance.now();
    const seconds = await timeSteps(step, stepsPerBlock);
    const end = performance.now();
    last = await step.outputs();
    checkFinite(graph, last, `block ${index + 1}`, firstLoss);
    const collections = await collectionWatch.between(start, end);
    record({
      type: 'block',
      cell: cell.key,
      index,
      steps: stepsPerBlock,
      start: (start - origin) / 1000,
      seconds,
      ...(collections && { collections }),
    });
    timed.push(seconds / stepsPerBlock);
  }
  collectionWatch.stop();
  const telemetry = await telemetryWatch.stop(protocol.blocksPerCell * stepsPerBlock * subject.batch);
  record({
    type: 'environment',
    cell: cell.key,
    when: 'during',
    ...environmentBetween(before, readCounters()),
  });
  // Blocks of one step have each been waited for already.
  const latencies = stepsPerBlock === 1 ? timed : await timeLatency(step, protocol);
  if (latencies.length > 0) record({ type: 'latency', cell: cell.key, seconds: latencies });
  const { execution } = executable;
  await executable.dispose();

  const outcome: CellOutcome = {
    baselineMemoryBytes,
    execution,
    telemetry,
    steadyState: assessSteadyState([...warm.stepSeconds, ...timed], window),
  };
  if (subject.mode === 'inference') return outcome;
  const loss = { first: firstLoss, last: lossOf(graph, last) };
  if (protocol.split !== true) return { ...outcome, loss };
  const partial = async (end: 'forward' | 'backward') => {
    const part = await device.compile(stepUpTo(graph, end), options());
    const times = await timeUntilWarm(part.bind(inputs), protocol);
    await part.dispose();
    // The first step also allocates.
    return median(times.slice(1));
  };
  const split = { forward: await partial('forward'), backward: await partial('backward') };
  return { ...outcome, loss, split };
}

/** A network that computes nonsense may be fast: its times are not worth keeping. */
function checkFinite(graph: Graph, outputs: Values, when: string, firstLoss?: number): void {
  const isTraining = graph.updates.size > 0;
  for (const { name } of graph.outputs) {
    if (outputs.get(name)!.every(Number.isFinite)) continue;
    const before =
      isTraining && firstLoss !== undefined ? `, ${firstLoss.toPrecision(3)} after the first step` : '';
    throw new EcfxError(
      'failure',
      isTraining
        ? `training diverged: the loss is not finite after ${when}${before}`
        : `the network computes no numbers: ${name} is not finite after ${when}`,
    );
  }
}

function lossOf(graph: Graph, outputs: Values): number {
  return outputs.get(graph.outputs[0]!.name)![0]!;
}

/** Steps that are each waited for, as a caller with one batch at a time would. Seconds. */
async function timeLatency(step: Step, { latencySteps = 0 }: Protocol): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (
    times.length < latencySteps &&
    (times.length < fewestLatencySteps || secondsSince(start) < latencySeconds)
  )
    times.push(await timeSteps(step, 1));
  return times;
}

/** Step times until both the time and the number of steps of a warm-up have passed, and two at least. Seconds. */
async function timeUntilWarm(step: Step, protocol: Protocol): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (
    times.length < Math.max(2, protocol.minimumWarmUpSteps) ||
    secondsSince(start) < protocol.warmUpSeconds
  )
    times.push(await timeSteps(step, 1));
  return times;
}
