/**
 * The shapes of everything that ecfx writes about a measurement, validated when read back.
 *
 * Two documents: the **run file** (JSON Lines, append-only, raw: what happened, in order) and the **bench result**
 * (`ecfx.bench/1`: one row per variant, mode, engine and device, computed from a run file). Seconds, bytes and
 * counts everywhere; units appear only when something is printed. Unknown is `null`, never 0.
 */
import * as z from 'zod';

/** A number with its 95 % interval; `low` and `high` are null when there is too little data to give one. */
const estimate = z.strictObject({
  estimate: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** What is compared: a row of the result, repeated as one cell per round. */
const subject = {
  variant: z.string(),
  mode: z.enum(['inference', 'training']),
  engine: z.string(),
  device: z.string(),
  precision: z.string(),
  batch: z.int().positive(),
  threads: z.int().positive(),
  /** Of training; inference has none. */
  optimizer: z.string().optional(),
};

/** What is known of the machine; every unknown is null. Bytes. */
const machine = z.strictObject({
  cpu: z.string().nullable(),
  architecture: z.string(),
  logicalCores: z.int().positive(),
  memoryBytes: z.number().nullable(),
  memoryLimitBytes: z.number().nullable(),
  operatingSystem: z.string(),
  loadAverage: z.number().nullable(),
});

const versions = z.record(z.string(), z.string());

/** How a cell is timed. Seconds. */
const protocol = z.strictObject({
  rounds: z.int().positive(),
  warmUpSeconds: z.number(),
  minimumWarmUpSteps: z.int(),
  minimumBlockSeconds: z.number(),
  blocksPerCell: z.int().positive(),
  /** Whether training steps are also timed cut short, to tell forward, backward and update apart. */
  split: z.boolean().optional(),
});

/** Seconds per step: of the forward pass alone, and of forward and backward without the update. */
const split = z.strictObject({ forward: z.number(), backward: z.number() });

const cellKey = z.string();

export const runHeader = z.strictObject({
  type: z.literal('run'),
  schema: z.literal('ecfx.run/1'),
  startedAt: z.iso.datetime(),
  command: z.array(z.string()),
  seed: z.int(),
  protocol,
  subjects: z.array(z.strictObject(subject)),
  machine,
  versions,
});

/** One fresh process: one variant in one round. */
const cellStart = z.strictObject({
  type: z.literal('cell'),
  cell: cellKey,
  round: z.int().positive(),
  position: z.int().positive(),
  ...subject,
  startedAt: z.iso.datetime(),
});

/** The end of warm-up: what came before the first timed block. Seconds. */
const warmUp = z.strictObject({
  type: z.literal('warm-up'),
  cell: cellKey,
  compileSeconds: z.number(),
  firstStepSeconds: z.number(),
  steps: z.int(),
  seconds: z.number(),
  stepsPerBlock: z.int().positive(),
});

/** Consecutive steps timed as one; `start` counts from the cell's first timed block. Seconds. */
const block = z.strictObject({
  type: z.literal('block'),
  cell: cellKey,
  index: z.int(),
  steps: z.int().positive(),
  start: z.number(),
  seconds: z.number().positive(),
});

const cellEnd = z.strictObject({
  type: z.literal('cell-end'),
  cell: cellKey,
  peakMemoryBytes: z.number().nullable(),
  /** Of the process with everything compiled and fed, before the first step. */
  baselineMemoryBytes: z.number().nullable().optional(),
  /** Of the first step and of the last one; training only. */
  loss: z.strictObject({ first: z.number(), last: z.number() }).optional(),
  split: split.optional(),
  error: z.string().optional(),
});

const runEnd = z.strictObject({
  type: z.literal('run-end'),
  status: z.enum(['complete', 'interrupted']),
});

export const runRecord = z.discriminatedUnion('type', [runHeader, cellStart, warmUp, block, cellEnd, runEnd]);

const accuracy = z.strictObject({
  top1: z.number(),
  error: z.number(),
  origin: z.enum(['digitised', 'published', 'imported']),
  series: z.string(),
  source: z.string(),
});

const theory = z.strictObject({
  resolution: z.int(),
  parameters: z.int(),
  macs: z.number(),
  flops: z.number(),
  /** Of the forward pass alone, which is what the study plots; the same as `flops` for inference. */
  forwardFlops: z.number().optional(),
  activations: z.number(),
  bytes: z.number(),
  arithmeticIntensity: z.number(),
});

/** Bytes: what liveness over the graph says that a step needs, and what process and engine add. */
const predictedMemory = z.strictObject({
  parameters: z.number(),
  buffers: z.number(),
  optimizerState: z.number(),
  inputs: z.number(),
  gradients: z.number(),
  activations: z.number(),
  /** Successors of the state beside it: the engine's results, and their copies that are fed to the next step. */
  stateCopies: z.number(),
  /** Measured before the first step, less the weights, state and inputs above: program, libraries, compiled session. */
  process: z.number(),
  total: z.number(),
});

const benchRow = z.strictObject({
  ...subject,
  /** Counted, per image of the mode: of training, the whole step. `flops` is 2 × `macs`; other arithmetic is not in it. */
  theory,
  /** Images per second. Absent when the cell failed. */
  throughput: estimate.optional(),
  /** Seconds per step of `batch` images. */
  stepSeconds: estimate.optional(),
  /** 2 × MACs × images per second. */
  achievedFlops: estimate.optional(),
  firstStepSeconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  predictedMemory: predictedMemory.nullable().optional(),
  loss: z.strictObject({ first: z.number(), last: z.number() }).optional(),
  /** Medians over rounds; what is missing to the whole step is the update. */
  split: split.optional(),
  rounds: z.int(),
  /** Seconds per step of each block, in order, one list per round. */
  samples: z.array(z.strictObject({ round: z.int(), stepSeconds: z.array(z.number()) })),
  accuracy: accuracy.nullable(),
  error: z.string().optional(),
});

export const benchResult = z.strictObject({
  schema: z.literal('ecfx.bench/1'),
  startedAt: z.iso.datetime(),
  status: z.enum(['complete', 'interrupted']),
  command: z.array(z.string()),
  seed: z.int(),
  protocol,
  machine,
  versions,
  warnings: z.array(z.string()),
  rows: z.array(benchRow),
});

export type Estimate = z.infer<typeof estimate>;
export type Machine = z.infer<typeof machine>;
export type Protocol = z.infer<typeof protocol>;
export type RunHeader = z.infer<typeof runHeader>;
export type RunRecord = z.infer<typeof runRecord>;
export type Accuracy = z.infer<typeof accuracy>;
export type Theory = z.infer<typeof theory>;
export type PredictedMemory = z.infer<typeof predictedMemory>;
export type BenchRow = z.infer<typeof benchRow>;
export type BenchResult = z.infer<typeof benchResult>;
export type Subject = Pick<BenchRow, keyof typeof subject>;
