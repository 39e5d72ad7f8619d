/**
 * The hierarchical bootstrap of a mean over processes: rounds are drawn with replacement, and within a process blocks
 * are drawn in runs (moving blocks, Künsch 1989), because consecutive blocks resemble each other.
 *
 * Drawing at both levels as they stand counts the scatter of blocks twice: it is in the values of the rounds already. So
 * deviations of rounds are first shrunk by what their blocks explain, and then made larger by √(R / (R − 1)), as
 * Carpenter, Goldstein & Rasbash (2003) do; otherwise 95 % intervals cover 99 % where blocks scatter more than processes.
 */
import { mean, sampleVariance } from 'simple-statistics';
import type { Random } from '../../mathematics/random.ts';
import type { Interval } from './interval.ts';

/** One draw of the upper level: a round's pair of processes, or a single process. */
export interface Unit {
  /** What is averaged; a log time or log ratio. */
  readonly value: number;
  /** Seconds per step, block by block, of the processes that `value` came from. */
  readonly processes: readonly (readonly number[])[];
}

const standardReplicates = 10_000;

/** Draws of a process's blocks that are made once and then drawn from. */
const innerDraws = 100;

/** Means of so many resampled sets of two or more units. */
export function bootstrapMeans(
  units: readonly Unit[],
  random: Random,
  replicates = standardReplicates,
): Float64Array {
  const centre = mean(units.map(({ value }) => value));
  const total = sampleVariance(units.map(({ value }) => value));
  const noise = units.map(({ processes }) => innerNoise(processes, random));
  const explained = mean(noise.map((draws) => mean(Array.from(draws, (draw) => draw ** 2))));
  const isExplained = explained >= total;
  const outer = Math.sqrt((isExplained ? 0 : 1 - explained / total) * (units.length / (units.length - 1)));
  const inner = isExplained && explained > 0 ? Math.sqrt(total / explained) : 1;
  const deviations = units.map(({ value }) => outer * (value - centre));
  return Float64Array.from({ length: replicates }, () => {
    let sum = 0;
    for (const _ of units) {
      const unit = Math.floor(random.uniform() * units.length);
      sum += deviations[unit]! + inner * noise[unit]![Math.floor(random.uniform() * innerDraws)]!;
    }
    return centre + sum / units.length;
  });
}

/** The middle 95 % of replicates. */
export function percentileInterval(means: Float64Array): Interval {
  const sorted = means.toSorted();
  const outside = Math.floor(0.025 * sorted.length);
  return { low: sorted[outside]!, high: sorted[sorted.length - 1 - outside]! };
}

/** How far a unit's value moves when the blocks of its processes are drawn anew. */
function innerNoise(processes: readonly (readonly number[])[], random: Random): Float64Array {
  const noise = new Float64Array(innerDraws);
  for (const blocks of processes) {
    const logs = Float64Array.from(blocks, Math.log);
    const centre = sortedMedian(logs.toSorted());
    const drawn = new Float64Array(logs.length);
    for (let draw = 0; draw < innerDraws; draw++) {
      fillWithMovingBlocks(drawn, logs, random);
      noise[draw]! += sortedMedian(drawn.sort()) - centre;
    }
  }
  return noise;
}

/** As many blocks again, in runs of about ∛n. */
function fillWithMovingBlocks(drawn: Float64Array, blocks: Float64Array, random: Random): void {
  const length = Math.max(1, Math.round(Math.cbrt(blocks.length)));
  for (let filled = 0; filled < drawn.length; filled += length) {
    const start = Math.floor(random.uniform() * (blocks.length - length + 1));
    const end = start + Math.min(length, drawn.length - filled);
    for (let block = start; block < end; block++) drawn[filled + block - start] = blocks[block]!;
  }
}

function sortedMedian(sorted: Float64Array): number {
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
