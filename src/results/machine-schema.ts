/** What a run file and a bench result say of the machine. Bytes, hertz, seconds; every unknown is null, never 0. */
import * as z from 'zod';

const cache = z.strictObject({
  level: z.int().positive(),
  kind: z.enum(['data', 'instruction', 'unified']),
  bytes: z.number(),
  /** Logical cores that share it. */
  sharedBy: z.int().positive().nullable(),
});

/** What does not change during a run. */
export const machine = z.strictObject({
  cpu: z.string().nullable(),
  architecture: z.string(),
  /** That this process may use. */
  logicalCores: z.int().positive(),
  memoryBytes: z.number().nullable(),
  memoryLimitBytes: z.number().nullable(),
  operatingSystem: z.string(),
  loadAverage: z.number().nullable(),
  physicalCores: z.int().positive().nullable().optional(),
  /** Of those that decide speed, as the system names them: avx2, avx512f, asimd. */
  instructionSets: z.array(z.string()).nullable().optional(),
  caches: z.array(cache).nullable().optional(),
  numaNodes: z.int().positive().nullable().optional(),
  /** Whether a physical core runs several threads. */
  simultaneousMultithreading: z.boolean().nullable().optional(),
  /** Cores' worth of time that a control group grants. */
  cpuLimit: z.number().nullable().optional(),
  virtualMachine: z.boolean().nullable().optional(),
  governor: z.string().nullable().optional(),
  /** Whether the clock may rise above its nominal rate. */
  turbo: z.boolean().nullable().optional(),
  maximumClockHertz: z.number().nullable().optional(),
});

/** Fractions of time in which some task waited for the resource. */
const pressure = z.strictObject({
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  io: z.number().nullable(),
});

/** What else went on: at a moment, or over the time of a cell. Fractions are of all cores' time. */
export const environment = z.strictObject({
  loadAverage: z.number().nullable(),
  pressure,
  /** Of the time, what the host of a virtual machine gave to others. */
  steal: z.number().nullable(),
  /** Of the time, what other processes of this machine used. */
  otherProcesses: z.number().nullable(),
  /** Seconds for which a control group's quota stopped this process; during a cell only. */
  throttledSeconds: z.number().nullable(),
  /** Times that the processor slowed down because it was hot; during a cell only. */
  thermalThrottles: z.number().nullable(),
  /** Mean over cores. */
  clockHertz: z.number().nullable(),
  /** Of the hottest sensor. */
  temperatureCelsius: z.number().nullable(),
});

/** One short fixed piece of work, repeated. Seconds, in the order of time. */
const workload = z.strictObject({
  samples: z.array(z.number()),
  median: z.number(),
  /** Interquartile range / median. */
  dispersion: z.number(),
  /** How much slower the 95th percentile is than the fastest: slowest / fastest − 1. */
  spread: z.number(),
});

/** How noisy the machine is before a run. */
export const noise = z.strictObject({
  /** Arithmetic in registers: the clock, and who else computes. */
  spin: workload,
  /** A pass over more memory than the caches hold: who else moves data. */
  memory: workload,
  /** Smallest relative difference that the run can be expected to show; null when nothing is known yet. */
  detectableEffect: z.number().nullable(),
});

export type Machine = z.infer<typeof machine>;
export type Environment = z.infer<typeof environment>;
export type Noise = z.infer<typeof noise>;
