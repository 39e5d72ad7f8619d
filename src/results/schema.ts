/**
 * The shapes of everything that ecfx writes about a measurement, validated when read back.
 *
 * Two documents: the **run file** (JSON Lines, append-only, raw: what happened, in order) and the **bench result**
 * (`ecfx.bench/1`: one row per variant, mode, engine and device, computed from a run file). Seconds, bytes and
 * counts everywhere; units appear only when something is printed. Unknown is `null`, never 0.
 */
import * as z from 'zod';
import { environment, machine, noise } from './machine-schema.ts';
import { telemetry } from './telemetry-schema.ts';

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

const versions = z.record(z.string(), z.string());

/** What computes behind a device; unknown is null. */
const hardware = z.strictObject({
  name: z.string().nullable(),
  driver: z.string().nullable(),
  /** A program on the processor that stands in for a graphics card: right, and slow. */
  isSoftware: z.boolean(),
});

/** How an engine really ran a graph. */
const execution = z.strictObject({
  threads: z.int().nullable(),
  /** Nodes by what ran them. */
  placement: z.record(z.string(), z.int()).nullable(),
  /** Operators that the processor ran because the device could not, with how many nodes. */
  fellBack: z.record(z.string(), z.int()).optional(),
  /** Operators that are made of others, for want of a kernel. */
  emulated: z.array(z.string()).readonly(),
  /** MACs that a step executes, where emulation makes them differ from the graph's. */
  executedMacs: z.number().nullable(),
  /** Copies of forward results in a layout of the engine's own that the backward pass reads. */
  layoutCopyBytes: z.number().optional(),
});

/** How a cell is timed. Seconds. */
const protocol = z.strictObject({
  rounds: z.int().positive(),
  warmUpSeconds: z.number(),
  minimumWarmUpSteps: z.int(),
  minimumBlockSeconds: z.number(),
  blocksPerCell: z.int().positive(),
  /** Whether training steps are also timed cut short, to tell forward, backward and update apart. */
  split: z.boolean().optional(),
  /** Relative difference below which nobody cares; 0.01 when absent. */
  smallestEffect: z.number().positive().optional(),
  /** Time to spend in all; `rounds` and `blocksPerCell` are then what the pilot uses, and more follow. */
  budgetSeconds: z.number().positive().optional(),
  /** Half-width of the relative 95 % interval at which the run may stop. */
  precision: z.number().positive().optional(),
  /** Where a warm-up that does not settle is cut off. */
  maximumWarmUpSeconds: z.number().optional(),
  /** Blocks that have to look steady for a warm-up to end. */
  steadyBlocks: z.int().positive().optional(),
  /** Steps that are timed one by one, apart from the blocks. */
  latencySteps: z.int().optional(),
  /** Bytes that a worker may hold; it is ended when it holds more. */
  memoryLimitBytes: z.number().positive().optional(),
});

/**
 * How the times of a process developed (after Barrett et al. 2017): without a change, getting faster, getting slower,
 * or still changing at its end.
 */
const steadyLabel = z.enum(['flat', 'warm-up', 'slow-down', 'no-steady-state']);

/** What the tests said of a series of block times. */
const steadyState = z.strictObject({
  label: steadyLabel,
  /** Blocks that the series had, and from which of them on it did not change its level. */
  blocks: z.int(),
  steadyFrom: z.int(),
  /** 95 % interval of the relative change over the window that was looked at; null when it is too short. */
  drift: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
  /** Whether that interval lies within the tolerance: steadiness was shown, not merely not refuted. */
  proven: z.boolean(),
});

/** Seconds per step: of the forward pass alone, and of forward and backward without the update. */
const split = z.strictObject({ forward: z.number(), backward: z.number() });

const cellKey = z.string();

/** A process that runs cells, so that a second one does not do so at the same time. */
const writer = z.strictObject({ host: z.string(), pid: z.int() });

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
  /** Of the devices that the subjects name. */
  devices: z.array(z.strictObject({ engine: z.string(), device: z.string(), ...hardware.shape })).optional(),
  /** Of ecfx, where it runs from a checkout. */
  commit: z.strictObject({ hash: z.string(), modified: z.boolean().nullable() }).nullable().optional(),
  /** Who writes the file. */
  writer: writer.optional(),
  /** The part of a plan that this run measures: the rounds whose number is `index` modulo `count`. */
  shard: z.strictObject({ index: z.int().positive(), count: z.int().positive() }).optional(),
});

/**
 * One fresh process: one variant in one round. It counts only when its `cell-end` is there; a cell that was cut off is
 * measured again under a key of its own. `finishedCells` gives those that count.
 */
const cellStart = z.strictObject({
  type: z.literal('cell'),
  cell: cellKey,
  /** Second run of a setting's reference, its first subject, in the same round: the A/A control. */
  control: z.literal(true).optional(),
  /** Which try this is; 1 when absent. */
  attempt: z.int().positive().optional(),
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
  /** Steps that the pilot found necessary; absent in the pilot, whose warm-up ended by the test. */
  frozenSteps: z.int().optional(),
  /** Seconds per step, block by block, and the steps of each block. */
  stepSeconds: z.array(z.number()).optional(),
  warmUpBlock: z.int().positive().optional(),
  steadyState: steadyState.optional(),
  /** Smallest difference of the clock, and what waiting for the device costs when nothing is under way. */
  timerSeconds: z.number().optional(),
  synchronizationSeconds: z.number().optional(),
});

/** Garbage collections: how many of each kind, and the time they took. */
const collections = z.strictObject({ minor: z.int(), major: z.int(), seconds: z.number() });

/** Consecutive steps timed as one; `start` counts from the cell's first timed block. Seconds. */
const block = z.strictObject({
  type: z.literal('block'),
  cell: cellKey,
  index: z.int(),
  steps: z.int().positive(),
  start: z.number(),
  seconds: z.number().positive(),
  /** Garbage collections during the block; absent when there was none. */
  collections: collections.optional(),
});

/** Steps that were each waited for, after the blocks: what a caller with one batch at a time sees. Seconds. */
const latency = z.strictObject({
  type: z.literal('latency'),
  cell: cellKey,
  seconds: z.array(z.number()),
});

/** What else went on: at the start of a run (no cell), or while a cell was timed. */
const environmentRecord = z.strictObject({
  type: z.literal('environment'),
  cell: cellKey.optional(),
  when: z.enum(['before', 'during']),
  ...environment.shape,
});

const noiseRecord = z.strictObject({ type: z.literal('noise'), ...noise.shape });

/** One step of a small version of a subject against the definitions in double precision, before anything is timed. */
const gate = z.strictObject({
  type: z.literal('gate'),
  ...subject,
  /** The variant that was run instead: fewer pixels. */
  checked: z.string(),
  passed: z.boolean(),
  /** Largest difference of outputs and updated state in relation to their largest magnitude; null when it did not run. */
  relativeError: z.number().nullable(),
  tolerance: z.number(),
  error: z.string().optional(),
});

/** A killed run goes on. */
const resume = z.strictObject({
  type: z.literal('resume'),
  startedAt: z.iso.datetime(),
  command: z.array(z.string()),
  writer: writer.optional(),
  /** Cells that were there. */
  finished: z.int(),
});

/** What the pilot made of a budget or a precision: from here on so many blocks per cell of each subject. */
const allocation = z.strictObject({
  type: z.literal('allocation'),
  /** The last round of the pilot. */
  afterRound: z.int(),
  rounds: z.int().positive(),
  /** In the order of the header's subjects. */
  blocksPerCell: z.array(z.int().positive()),
});

/** How the largest batch of a subject was found; each try in a process of its own. */
const batchSearch = z.strictObject({
  type: z.literal('batch-search'),
  ...subject,
  limitBytes: z.number(),
  tries: z.array(
    z.strictObject({
      batch: z.int().positive(),
      peakMemoryBytes: z.number().nullable(),
      error: z.string().optional(),
    }),
  ),
  /** The largest that ran, and the largest that is advised: a tenth less. Null when not even one image fits. */
  largest: z.int().positive().nullable(),
  advised: z.int().positive().nullable(),
  /** Whether the search ended at memory, not at the largest batch that is tried. */
  atLimit: z.boolean(),
  /** The line through two smaller batches, and the largest batch that it says fits. */
  model: z
    .strictObject({ fixedBytes: z.number(), bytesPerImage: z.number(), predictedLargest: z.int() })
    .nullable(),
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
  execution: execution.optional(),
  /** Over the timed blocks; null where there are no sensors. */
  telemetry: telemetry.nullable().optional(),
  /** Of the whole series: warm-up and timed blocks. */
  steadyState: steadyState.optional(),
  /** What the process took from its start. */
  seconds: z.number().optional(),
  error: z.string().optional(),
});

const runEnd = z.strictObject({
  type: z.literal('run-end'),
  status: z.enum(['complete', 'interrupted']),
  /** What ended a complete run: its rounds, its budget, or that the precision was reached. */
  reason: z.enum(['rounds', 'budget', 'precision']).optional(),
});

export const runRecord = z.discriminatedUnion('type', [
  runHeader,
  cellStart,
  warmUp,
  block,
  latency,
  cellEnd,
  environmentRecord,
  noiseRecord,
  gate,
  resume,
  allocation,
  batchSearch,
  runEnd,
]);

const accuracy = z.strictObject({
  top1: z.number(),
  error: z.number(),
  origin: z.enum(['digitised', 'published', 'imported']),
  series: z.string(),
  source: z.string(),
  /** How it was trained: accuracies of different recipes do not compare networks. */
  recipe: z.string().optional(),
  /** Images beyond ImageNet's own that were trained with. */
  extraData: z.string().optional(),
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
  /** Forward results a second time, in the layout in which the engine computes their gradients; 0 when absent. */
  layoutCopies: z.number().optional(),
  /** Measured before the first step, less the weights, state and inputs above: program, libraries, compiled session. */
  process: z.number(),
  total: z.number(),
});

/**
 * How many times as fast as something else (above 1: faster), with what the interval was made by: the t interval of the mean of log
 * ratios by round, or of unpaired processes (Welch's); the hierarchical bootstrap where that is wider; from ten rounds on
 * intervals by ranks. `rounds` is the size of the sample.
 */
const speedRatio = z.strictObject({
  ...estimate.shape,
  method: z.enum(['t', 'welch', 'bootstrap', 'signed-rank', 'rank-sum']).nullable(),
  /** Of no difference at all, two-sided, by permutation. */
  p: z.number().nullable(),
  rounds: z.int(),
});

const comparison = z.strictObject({
  ...speedRatio.shape,
  /** p corrected (Holm) for all comparisons of the document. */
  pHolm: z.number().nullable(),
  verdict: z.enum(['faster', 'slower', 'equivalent', 'inconclusive', 'unproven']),
  /** Rounds that would probably settle what is inconclusive; null when that cannot be said. */
  roundsToSettle: z.int().nullable(),
  /** Rounds whose ratio lies outside Tukey's fences. They count like all others. */
  outlierRounds: z.array(z.int()),
});

/** What is odd about a row's samples. Nothing of it is left out. */
const diagnostics = z.strictObject({
  /** Of consecutive blocks within processes, −1 to 1. */
  autocorrelation: z.number().nullable(),
  /** Relative change of the step time in an hour, and p of the last third of processes against the first. */
  drift: z.strictObject({ perHour: z.number(), p: z.number() }).nullable(),
  /** Blocks outside Tukey's fences of their process. */
  outlierBlocks: z.strictObject({ mild: z.int(), severe: z.int() }),
  /** Where processes fall into two groups: seconds per step and number of each. */
  modes: z.array(z.strictObject({ stepSeconds: z.number(), processes: z.int() })).nullable(),
});

/** Seconds per step of each block, in order, one list per round. */
const samples = z.array(
  z.strictObject({
    round: z.int(),
    stepSeconds: z.array(z.number()),
    startedAt: z.iso.datetime().optional(),
    /** Place in the round, from 1. */
    position: z.int().optional(),
    /** What came before the first timed block: the first step, then seconds per step of each block of warm-up. */
    warmUp: z.strictObject({ firstStepSeconds: z.number(), stepSeconds: z.array(z.number()) }).optional(),
    /** Of the timed blocks that had any, by their place in `stepSeconds`, from 0. */
    collections: z.array(z.strictObject({ block: z.int(), ...collections.shape })).optional(),
    /** Of steps that were each waited for: after the blocks, or the blocks themselves where each is one step. */
    latencySeconds: z.array(z.number()).optional(),
    /** While the blocks were timed, of what computes: the graphics card, or else the processor. */
    clockHertz: z.number().nullable().optional(),
    /** Of all cores' time meanwhile, what other processes used. */
    otherProcesses: z.number().nullable().optional(),
  }),
);

const { variant, ...settingShape } = subject;

/** What is said of a whole setting: of its reference, and of the reference against itself. */
const benchSetting = z.strictObject({
  ...settingShape,
  /** Label of the machine, where there are several. */
  machine: z.string().optional(),
  /** The variant that the others are compared with. */
  reference: variant,
  /** The A/A control: the reference's second run in a round against its first. Null when there was none. */
  control: z
    .strictObject({
      ...speedRatio.shape,
      passed: z.boolean().nullable(),
      outlierRounds: z.array(z.int()),
      samples,
    })
    .nullable(),
  /** Relative difference that would probably have got a verdict; null when not known. */
  minimumDetectableEffect: z.number().nullable(),
});

/** Seconds of steps that were each waited for, over all rounds; percentiles that too few steps can show are absent. */
const latencyPercentiles = z.strictObject({
  steps: z.int(),
  median: z.number(),
  p95: z.number().optional(),
  p99: z.number().optional(),
});

const benchRow = z.strictObject({
  ...subject,
  /** Label of the machine, where there are several. */
  machine: z.string().optional(),
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
  latency: latencyPercentiles.optional(),
  /** Of training, in the round in which it ended highest. A loss that did not fall is timed, and is no training. */
  loss: z.strictObject({ first: z.number(), last: z.number(), fell: z.boolean().optional() }).optional(),
  /** Medians over rounds; what is missing to the whole step is the update. */
  split: split.optional(),
  rounds: z.int(),
  samples,
  /** Against the setting's reference, paired by round; the reference itself has none. */
  speedUp: z
    .strictObject({
      ...comparison.shape,
      reference: z.string(),
      /** The reference ran another batch: images per second are compared, not equal work. */
      unequalBatch: z.literal(true).optional(),
    })
    .optional(),
  diagnostics: diagnostics.optional(),
  accuracy: accuracy.nullable(),
  hardware: hardware.optional(),
  execution: execution.optional(),
  /** Executed per image, of which `waste` is the fraction that the network does not ask for; null without emulation. */
  emulation: z.strictObject({ executedFlops: z.number(), waste: z.number() }).nullable().optional(),
  /** Of each round whose cell had sensors to read. */
  telemetry: z.array(telemetry).optional(),
  error: z.string().optional(),
});

/** What another tool measured elsewhere: no interval, no raw times, another machine. */
const importedRow = z.strictObject({
  origin: z.literal('imported'),
  file: z.string(),
  /** As the tool names it, and as ecfx does where it has the network. */
  network: z.string(),
  variant: z.string().nullable(),
  mode: z.enum(['inference', 'training']),
  /** What the file's name says of device, precision and version. */
  setting: z.string(),
  resolution: z.number().nullable(),
  batch: z.number().nullable(),
  imagesPerSecond: z.number(),
  /** Per image, forward: ecfx's count where it has the network, or the tool's. */
  macs: z.number().nullable(),
  parameters: z.number().nullable(),
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
  /** A backdrop that the user brought; never compared with the rows by intervals. */
  imported: z.array(importedRow).optional(),
  settings: z.array(benchSetting).optional(),
  /** Of a result merged from runs that differ in machine or versions; rows and settings name the label. */
  machines: z.array(z.strictObject({ label: z.string(), machine, versions })).optional(),
});

export type Estimate = z.infer<typeof estimate>;
export type Protocol = z.infer<typeof protocol>;
export type RunHeader = z.infer<typeof runHeader>;
export type RunRecord = z.infer<typeof runRecord>;
export type Accuracy = z.infer<typeof accuracy>;
export type Theory = z.infer<typeof theory>;
export type PredictedMemory = z.infer<typeof predictedMemory>;
export type SpeedRatio = z.infer<typeof speedRatio>;
export type Comparison = z.infer<typeof comparison>;
export type Verdict = Comparison['verdict'];
export type Diagnostics = z.infer<typeof diagnostics>;
export type Samples = z.infer<typeof samples>;
export type Sample = Samples[number];
export type BenchSetting = z.infer<typeof benchSetting>;
export type BenchRow = z.infer<typeof benchRow>;
export type ImportedRow = z.infer<typeof importedRow>;
export type BenchResult = z.infer<typeof benchResult>;
export type SteadyState = z.infer<typeof steadyState>;
export type Subject = Pick<BenchRow, keyof typeof subject>;
