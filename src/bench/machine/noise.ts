import { performance } from 'node:perf_hooks';
import { interquartileRange, mean, median, quantile, sampleStandardDeviation } from 'simple-statistics';
import type { Noise } from '../../results/machine-schema.ts';
import type { Protocol } from '../../results/schema.ts';
import { detectableEffect } from '../statistics/detectable-effect.ts';
import { ratioDeviation, type Deviations } from '../statistics/spending.ts';
import { defaultSmallestEffect } from '../statistics/verdict.ts';

/**
 * Work of a repetition, long against the clock and short against the machine's disturbances, and how often it is
 * repeated: half a second in all on a middling core.
 */
const spinSteps = 2_000_000;
const spins = 50;
const memoryBytes = 64 * 2 ** 20;
const passes = 20;

/**
 * Repeats two fixed pieces of work and says how much their time scatters; nothing of ecfx is in them, so what scatters
 * is the machine. Takes half a second or a second of one core.
 */
export function measureNoise(protocol: Protocol): Noise {
  const numbers = new Float64Array(memoryBytes / 8).fill(1);
  const spin = describe(repeat(spins, () => spinOnce(spinSteps)));
  const memory = describe(repeat(passes, () => sumOf(numbers)));
  return { spin, memory, detectableEffect: foreseeableEffect(spin.samples, protocol) };
}

/**
 * The difference that the protocol would find four times of five if processes scattered as the fixed work does from one
 * stretch of time to the next; null where a protocol of one round finds none. Rough: the A/A control of the run itself
 * knows better.
 */
export function foreseeableEffect(samples: readonly number[], protocol: Protocol): number | null {
  const { rounds, blocksPerCell, smallestEffect = defaultSmallestEffect } = protocol;
  if (rounds < 2) return null;
  return detectableEffect(ratioDeviation(deviations(samples), blocksPerCell), rounds, smallestEffect);
}

/** Between stretches of ten samples, and within them. */
function deviations(samples: readonly number[]): Deviations {
  const logs = samples.map(Math.log);
  const stretches = Array.from({ length: logs.length / 10 }, (_, index) =>
    logs.slice(10 * index, 10 * index + 10),
  );
  return {
    between: sampleStandardDeviation(stretches.map((stretch) => median(stretch))),
    within: mean(stretches.map((stretch) => sampleStandardDeviation(stretch))),
  };
}

function repeat(times: number, work: () => number): number[] {
  // The first runs are the compiler's.
  let sink = work() + work() + work();
  const samples = Array.from({ length: times }, () => {
    const start = performance.now();
    sink += work();
    return (performance.now() - start) / 1000;
  });
  // A result that is used cannot be optimised away.
  if (Number.isNaN(sink)) throw new Error('the fixed work of the noise report gave no number');
  return samples;
}

/** A chain of dependent additions and multiplications. */
function spinOnce(steps: number): number {
  let value = 0.5;
  for (let step = 0; step < steps; step++) value = value * 0.999999 + 1e-7;
  return value;
}

function sumOf(numbers: Float64Array): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

function describe(samples: number[]): Noise['spin'] {
  return {
    samples,
    median: median(samples),
    dispersion: interquartileRange(samples) / median(samples),
    spread: quantile(samples, 0.95) / Math.min(...samples) - 1,
  };
}
