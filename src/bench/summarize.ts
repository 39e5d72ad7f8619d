import { median } from 'simple-statistics';
import { arithmeticIntensity, bytesPerElement, countNetwork, countNodes, flops } from '../analysis/count.ts';
import { estimateMemory } from '../analysis/memory.ts';
import { accuracyOf } from '../analysis/published.ts';
import { countTraining } from '../analysis/training-counts.ts';
import { size } from '../graph/shape.ts';
import { buildGraph, parseVariant, pixels } from '../models/variant.ts';
import { finishedCells } from '../results/cells.ts';
import type { Run } from '../results/run-file.ts';
import type { BenchResult, BenchRow, Estimate, PredictedMemory, Subject, Theory } from '../results/schema.ts';
import { subjectKey } from '../results/setting.ts';
import type { Telemetry } from '../results/telemetry-schema.ts';
import { deviceWarnings, executionOf, hardwareOf, telemetryOf } from './devices/summarize.ts';
import { medianInterval } from './statistics/median-interval.ts';
import { graphOf } from './subject-graph.ts';

/** Rounds below which a result is a first look: a paired sign test cannot reach 5 % with fewer than six. */
const fewestRounds = 6;

interface CellSummary {
  readonly round: number;
  /** Seconds per step of each block, in order. */
  readonly stepSeconds: readonly number[];
  readonly firstStepSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly baselineMemoryBytes: number | null;
  readonly loss: BenchRow['loss'];
  readonly execution: BenchRow['execution'];
  readonly telemetry: Telemetry | null;
  readonly split: BenchRow['split'];
  readonly error: string | undefined;
}

/** The bench result of a run: one row per subject, in the order in which they were named. */
export function summarizeRun({ header, records, warnings }: Run): BenchResult {
  const end = records.findLast((record) => record.type === 'run-end');
  const rows = header.subjects.map((subject) => ({
    ...summarizeSubject(subject, cellsOf(records, subject)),
    ...hardwareOf(header, subject),
  }));
  const status = end?.status ?? 'interrupted';
  return {
    schema: 'ecfx.bench/1',
    startedAt: header.startedAt,
    status,
    command: header.command,
    seed: header.seed,
    protocol: header.protocol,
    machine: header.machine,
    versions: header.versions,
    warnings: [...warnings, ...resultWarnings(status, header.protocol.rounds), ...deviceWarnings(rows)],
    rows,
  };
}

function resultWarnings(status: BenchResult['status'], rounds: number): string[] {
  return [
    ...(status === 'interrupted' ? ['The run was interrupted: some cells are missing.'] : []),
    ...(rounds < fewestRounds
      ? [
          `A first look with ${rounds} rounds: intervals are wide, and no verdict should rest on them (six or more).`,
        ]
      : []),
  ];
}

function cellsOf(records: Run['records'], subject: Subject): CellSummary[] {
  const key = subjectKey(subject);
  return finishedCells(records)
    .filter(({ start }) => start.control !== true && subjectKey(start) === key)
    .map(({ start, warmUp, blocks, end }) => ({
      round: start.round,
      stepSeconds: blocks.map(({ seconds, steps }) => seconds / steps),
      firstStepSeconds: warmUp?.firstStepSeconds ?? null,
      peakMemoryBytes: end.peakMemoryBytes,
      baselineMemoryBytes: end.baselineMemoryBytes ?? null,
      loss: end.loss,
      execution: end.execution,
      telemetry: end.telemetry ?? null,
      split: end.split,
      error: end.error,
    }));
}

function summarizeSubject(subject: Subject, cells: readonly CellSummary[]): BenchRow {
  const timed = cells.filter(({ stepSeconds, error }) => stepSeconds.length > 0 && error === undefined);
  const errors = cells.map(({ error }) => error).filter((error) => error !== undefined);
  const loss = timed.find((cell) => cell.loss !== undefined)?.loss;
  const splits = timed.flatMap((cell) => (cell.split ? [cell.split] : []));
  const theory = theoryOf(subject, timed.length > 0);
  const base = {
    ...subject,
    theory,
    firstStepSeconds: medianOf(cells.map((cell) => cell.firstStepSeconds)),
    peakMemoryBytes: largestOf(cells.map((cell) => cell.peakMemoryBytes)),
    predictedMemory:
      // Elsewhere most of what is needed is not in the process's memory.
      timed.length > 0 && subject.engine === 'onnxruntime' && subject.device === 'cpu'
        ? predictMemory(subject, medianOf(timed.map((cell) => cell.baselineMemoryBytes)))
        : null,
    ...(loss && { loss }),
    ...(splits.length > 0 && {
      split: {
        forward: median(splits.map(({ forward }) => forward)),
        backward: median(splits.map(({ backward }) => backward)),
      },
    }),
    rounds: timed.length,
    samples: timed.map(({ round, stepSeconds }) => ({ round, stepSeconds: [...stepSeconds] })),
    accuracy: accuracyOf(subject.variant),
    ...executionOf(subject, theory, timed),
    ...telemetryOf(timed),
    ...(errors[0] !== undefined && { error: errors[0] }),
  };
  if (timed.length === 0) return { ...base, error: base.error ?? 'not measured: the run ended before' };
  const stepSeconds = medianInterval(timed.map((cell) => median([...cell.stepSeconds])));
  const throughput = inverse(stepSeconds, subject.batch);
  return { ...base, stepSeconds, throughput, achievedFlops: scaled(throughput, theory.flops) };
}

/**
 * What is counted per image: of inference at batch 1, where the weights are read for that image alone. A step that
 * could not run may not even be buildable for one image (batch norm), so it is counted for two.
 */
function theoryOf(subject: Subject, hasRun: boolean): Theory {
  const variant = parseVariant(subject.variant);
  const { perStep } = countNetwork(countNodes(buildGraph(variant, 1)));
  const { parameters, activations } = perStep;
  const network = { resolution: pixels(variant), parameters, activations, forwardFlops: flops(perStep) };
  if (subject.mode === 'training') {
    const batch = hasRun ? subject.batch : Math.max(2, subject.batch);
    const { total } = countTraining(graphOf(subject, batch), batch);
    const bytes = total.bytesRead + total.bytesWritten;
    const operations = total.flops + total.arithmetic + total.transcendental;
    return {
      ...network,
      macs: total.macs,
      flops: total.flops,
      bytes,
      arithmeticIntensity: operations / bytes,
    };
  }
  return {
    ...network,
    macs: perStep.macs,
    flops: flops(perStep),
    bytes: perStep.bytesRead + perStep.bytesWritten,
    arithmeticIntensity: arithmeticIntensity(perStep) ?? 0,
  };
}

/**
 * What liveness says that a step needs on top of what the process held before the first one, and what the engine adds:
 * ONNX Runtime computes the next state beside the old one, and the binding copies it once more.
 */
function predictMemory(subject: Subject, baseline: number | null): PredictedMemory | null {
  if (baseline === null) return null;
  const graph = graphOf(subject);
  const { parameters, buffers, optimizerState, inputs, gradients, activations } = estimateMemory(graph);
  const state = [...graph.updates.keys()].reduce((sum, { shape }) => sum + size(shape) * bytesPerElement, 0);
  const stateCopies = 2 * state;
  return {
    ...{ parameters, buffers, optimizerState, inputs, gradients, activations },
    stateCopies,
    process: baseline - parameters - buffers - optimizerState - inputs,
    total: baseline + gradients + activations + stateCopies,
  };
}

/** `numerator` / x; the interval's ends change places. */
function inverse({ estimate, low, high }: Estimate, numerator: number): Estimate {
  return {
    estimate: numerator / estimate,
    low: high === null ? null : numerator / high,
    high: low === null ? null : numerator / low,
  };
}

function scaled({ estimate, low, high }: Estimate, factor: number): Estimate {
  return {
    estimate: estimate * factor,
    low: low === null ? null : low * factor,
    high: high === null ? null : high * factor,
  };
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function largestOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
