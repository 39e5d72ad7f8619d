import { median } from 'simple-statistics';
import { arithmeticIntensity, bytesPerElement, countNetwork, countNodes, flops } from '../analysis/count.ts';
import { estimateMemory } from '../analysis/memory.ts';
import { accuracyOf } from '../analysis/published.ts';
import { countTraining } from '../analysis/training-counts.ts';
import { size } from '../graph/shape.ts';
import { buildGraph, parseVariant, pixels } from '../models/variants/variant.ts';
import { finishedCells, type FinishedCell } from '../results/cells.ts';
import { machineKey, machineLabel } from '../results/machine-label.ts';
import type { Run } from '../results/run-file.ts';
import type {
  BenchResult,
  BenchRow,
  BenchSetting,
  PredictedMemory,
  RunHeader,
  Sample,
  Subject,
  Theory,
} from '../results/schema.ts';
import { bySetting, subjectKey } from '../results/setting.ts';
import type { Telemetry } from '../results/telemetry-schema.ts';
import { assess } from './assess.ts';
import { deviceWarnings, executionOf, hardwareOf, telemetryOf } from './devices/summarize.ts';
import { reservations } from './reservations.ts';
import { graphOf } from './subject-graph.ts';

interface CellSummary {
  readonly sample: Sample;
  readonly firstStepSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly baselineMemoryBytes: number | null;
  readonly loss: FinishedCell['end']['loss'];
  readonly execution: BenchRow['execution'];
  readonly telemetry: Telemetry | null;
  readonly split: BenchRow['split'];
  readonly error: string | undefined;
}

/** A subject with its cells of all runs of one kind of machine. */
interface PooledSubject {
  readonly subject: Subject;
  readonly machine: string | undefined;
  /** Of the first run that has it. */
  readonly header: RunHeader;
  readonly cells: CellSummary[];
  /** Of the A/A control, where the subject is the reference. */
  readonly controls: CellSummary[];
}

/** The bench result of a run: one row per subject, in the order in which they were named. */
export function summarizeRun(run: Run): BenchResult {
  return summarizeRuns([run]);
}

/**
 * One result of several runs. Rounds of a subject are pooled, each still paired within its own run, where machine,
 * versions and setting agree; what was measured on unlike machines is kept in rows apart, labelled. Shards of one plan are runs like
 * others. Command, seed and protocol are those of the first run. Throws `RangeError` without a run.
 */
export function summarizeRuns(given: readonly Run[]): BenchResult {
  const runs = distinct(given);
  const [first] = runs;
  if (first === undefined) throw new RangeError('no run to summarize');
  const origins = new Map(runs.map(({ header }) => [machineKey(header), header]));
  const labels = new Map([...origins.keys()].map((key, index) => [key, machineLabel(index)]));
  const labelOf = ({ header }: Run) => (labels.size > 1 ? labels.get(machineKey(header)) : undefined);

  const pooled = poolSubjects(runs, labelOf);
  const rows = pooled.map(summarizeSubject);
  const settings = bySetting(
    pooled.map(({ subject, machine, controls }) => ({ ...subject, machine, controls })),
  );
  const status = runs.every((run) => statusOf(run) === 'complete') ? 'complete' : 'interrupted';
  const warnings = [...runs.flatMap((run) => run.warnings), ...mergeWarnings(given, runs)];
  return assess({
    schema: 'ecfx.bench/1',
    startedAt: first.header.startedAt,
    status,
    command: first.header.command,
    seed: first.header.seed,
    protocol: first.header.protocol,
    machine: first.header.machine,
    versions: first.header.versions,
    warnings: [...warnings, ...resultWarnings(status, rows)],
    rows,
    settings: settings.map(([{ variant, machine, controls, ...setting }]) => ({
      ...setting,
      ...(machine !== undefined && { machine }),
      reference: variant,
      control: withSamples(controls),
      minimumDetectableEffect: null,
    })),
    ...(labels.size > 1 && {
      machines: [...origins].map(([key, { machine, versions }]) => ({
        label: labels.get(key)!,
        machine,
        versions,
      })),
    }),
  });
}

function statusOf({ records }: Run): BenchResult['status'] {
  return records.findLast((record) => record.type === 'run-end')?.status ?? 'interrupted';
}

/** The same run named twice counts once. */
function distinct(runs: readonly Run[]): Run[] {
  return [...new Map(runs.map((run) => [JSON.stringify(run.header), run])).values()];
}

function mergeWarnings(given: readonly Run[], runs: readonly Run[]): string[] {
  const found: string[] = [];
  if (runs.length < given.length) found.push('A run that was named more than once counts once.');
  const protocols = new Set(runs.map(({ header }) => JSON.stringify({ ...header.protocol, rounds: 0 })));
  if (protocols.size > 1) {
    found.push(
      'The runs differ in how they were timed (warm-up, blocks); the protocol shown is that of the first.',
    );
  }
  return found;
}

function resultWarnings(status: BenchResult['status'], rows: readonly BenchRow[]): string[] {
  return [
    ...(status === 'interrupted' ? ['The run is not complete: some cells are missing.'] : []),
    ...reservations(rows),
    ...deviceWarnings(rows),
  ];
}

/** Rounds are numbered on from run to run, so that none of two runs are taken for one. */
function poolSubjects(runs: readonly Run[], labelOf: (run: Run) => string | undefined): PooledSubject[] {
  const pooled = new Map<string, PooledSubject>();
  let before = 0;
  for (const run of runs) {
    const machine = labelOf(run);
    for (const subject of run.header.subjects) {
      const key = subjectKey({ ...subject, machine });
      if (!pooled.has(key))
        pooled.set(key, { subject, machine, header: run.header, cells: [], controls: [] });
    }
    let last = before;
    for (const cell of finishedCells(run.records)) {
      const entry = pooled.get(subjectKey({ ...cell.start, machine }));
      const list = cell.start.control ? entry?.controls : entry?.cells;
      list?.push(summarizeCell(cell, before));
      last = Math.max(last, before + cell.start.round);
    }
    before = last;
  }
  return [...pooled.values()];
}

function summarizeCell(cell: FinishedCell, before: number): CellSummary {
  const { warmUp, end } = cell;
  return {
    sample: sampleOf(cell, before),
    firstStepSeconds: warmUp?.firstStepSeconds ?? null,
    peakMemoryBytes: end.peakMemoryBytes,
    baselineMemoryBytes: end.baselineMemoryBytes ?? null,
    loss: end.loss,
    execution: end.execution,
    telemetry: end.telemetry ?? null,
    split: end.split,
    error: end.error,
  };
}

function sampleOf(
  { start, warmUp, latency, environment, blocks, end }: FinishedCell,
  before: number,
): Sample {
  const collected = blocks.flatMap(({ collections }, block) =>
    collections ? [{ block, ...collections }] : [],
  );
  return {
    round: before + start.round,
    stepSeconds: blocks.map(({ seconds, steps }) => seconds / steps),
    startedAt: start.startedAt,
    position: start.position,
    ...(warmUp?.stepSeconds && {
      warmUp: { firstStepSeconds: warmUp.firstStepSeconds, stepSeconds: warmUp.stepSeconds },
    }),
    ...(collected.length > 0 && { collections: collected }),
    ...(latency && { latencySeconds: latency.seconds }),
    ...(environment && {
      clockHertz: end.telemetry?.gpus[0]?.clockHertz ?? environment.clockHertz,
      otherProcesses: environment.otherProcesses,
    }),
  };
}

function isTimed({ sample, error }: CellSummary): boolean {
  return sample.stepSeconds.length > 0 && error === undefined;
}

/** A control whose ratio `assess` computes; null when it was never timed. */
function withSamples(cells: readonly CellSummary[]): BenchSetting['control'] {
  const samples = cells.filter(isTimed).map(({ sample }) => sample);
  if (samples.length === 0) return null;
  const unknown = { estimate: 1, low: null, high: null, method: null, p: null, passed: null };
  return { ...unknown, rounds: samples.length, outlierRounds: [], samples };
}

/** All of a row but what `assess` computes from its samples. */
function summarizeSubject({ subject, machine, header, cells }: PooledSubject): BenchRow {
  const timed = cells.filter(isTimed);
  const errors = cells.map(({ error }) => error).filter((error) => error !== undefined);
  const loss = highestLoss(timed);
  const splits = timed.flatMap((cell) => (cell.split ? [cell.split] : []));
  const theory = theoryOf(subject, timed.length > 0);
  const row: BenchRow = {
    ...subject,
    ...(machine !== undefined && { machine }),
    theory,
    firstStepSeconds: medianOf(cells.map((cell) => cell.firstStepSeconds)),
    peakMemoryBytes: largestOf(cells.map((cell) => cell.peakMemoryBytes)),
    predictedMemory:
      // Elsewhere most of what is needed is not in the process's memory.
      timed.length > 0 && subject.engine === 'onnxruntime' && subject.device === 'cpu'
        ? predictMemory(subject, timed)
        : null,
    ...(loss && { loss }),
    ...(splits.length > 0 && {
      split: {
        forward: median(splits.map(({ forward }) => forward)),
        backward: median(splits.map(({ backward }) => backward)),
      },
    }),
    rounds: timed.length,
    samples: timed.map(({ sample }) => sample),
    accuracy: accuracyOf(subject.variant),
    ...executionOf(subject, theory, timed),
    ...telemetryOf(timed),
    ...hardwareOf(header, subject),
    ...(errors[0] !== undefined && { error: errors[0] }),
  };
  return timed.length > 0 ? row : { ...row, error: row.error ?? 'not measured: the run is not complete' };
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
 * ONNX Runtime computes the next state beside the old one, and the binding copies it once more; blocked copies of forward
 * results wait for the backward pass.
 */
function predictMemory(subject: Subject, cells: readonly CellSummary[]): PredictedMemory | null {
  const baseline = medianOf(cells.map((cell) => cell.baselineMemoryBytes));
  if (baseline === null) return null;
  const graph = graphOf(subject);
  const { parameters, buffers, optimizerState, inputs, gradients, activations } = estimateMemory(graph);
  const state = [...graph.updates.keys()].reduce((sum, { shape }) => sum + size(shape) * bytesPerElement, 0);
  const stateCopies = 2 * state;
  const layoutCopies = cells.find(({ execution }) => execution)?.execution?.layoutCopyBytes ?? 0;
  return {
    ...{ parameters, buffers, optimizerState, inputs, gradients, activations },
    stateCopies,
    layoutCopies,
    process: baseline - parameters - buffers - optimizerState - inputs,
    total: baseline + gradients + activations + stateCopies + layoutCopies,
  };
}

/** Of the round that ended highest: all begin alike, and some train longer than others. */
function highestLoss(cells: readonly CellSummary[]): BenchRow['loss'] {
  const [highest] = cells.flatMap(({ loss }) => loss ?? []).sort((a, b) => b.last - a.last);
  return highest && { ...highest, fell: highest.last < highest.first };
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function largestOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
