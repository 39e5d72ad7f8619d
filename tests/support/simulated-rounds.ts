/** Timed rounds with a known truth, from seeded generators: two processes of about ten blocks a round. */
import type { Random } from '../../src/mathematics/random.ts';
import type { RoundPair } from '../../src/bench/statistics/log-ratios.ts';
import { pairByRound } from '../../src/bench/statistics/log-ratios.ts';

/** Log deviations of one process's blocks, and what all processes of a round share. */
interface Noise {
  readonly process: (random: Random) => number;
  readonly blocks: (random: Random, count: number) => number[];
  readonly shared?: (random: Random, round: number) => number;
}

const independent = (draw: (random: Random) => number) => (random: Random, count: number) =>
  Array.from({ length: count }, () => 0.03 * draw(random));

const normal = (random: Random): number => random.normal();

/** Student's t with three degrees of freedom: its kurtosis is infinite. */
function studentT3(random: Random): number {
  const chiSquare = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
  return random.normal() / Math.sqrt(chiSquare / 3);
}

/** Mostly normal, and now and then a log-normal delay. */
function delayed(random: Random): number {
  return random.uniform() < 0.15 ? Math.exp(random.normal()) : random.normal();
}

export const noises = {
  normal: { process: (random) => 0.015 * random.normal(), blocks: independent(normal) },
  'only blocks scatter': { process: () => 0, blocks: independent(normal) },
  'heavy-tailed': { process: (random) => 0.015 * studentT3(random), blocks: independent(studentT3) },
  'log-normal delays': { process: (random) => 0.015 * delayed(random), blocks: independent(delayed) },
  'drift shared by a round': {
    process: (random) => 0.015 * random.normal(),
    blocks: independent(normal),
    shared: (random, round) => 0.05 * round + 0.1 * random.normal(),
  },
  'autocorrelated blocks': {
    process: (random) => 0.01 * random.normal(),
    blocks(random, count) {
      let value = 0.03 * random.normal();
      return Array.from({ length: count }, () => {
        value = 0.8 * value + 0.6 * 0.03 * random.normal();
        return value;
      });
    },
  },
  'two modes': {
    process: (random) => (random.uniform() < 0.5 ? 0.04 : 0) + 0.01 * random.normal(),
    blocks: independent(normal),
  },
} as const satisfies Record<string, Noise>;

/** One process in ten is slowed down by up to a half for all of its time. */
export const disturbed: Noise = {
  process: (random) => 0.01 * random.normal() + (random.uniform() < 0.1 ? 0.5 * random.uniform() : 0),
  blocks: independent(normal),
};

/** Rounds in which the subject is truly `speedUp` times as fast as the reference. */
export function simulateRounds(
  { process, blocks, shared }: Noise,
  rounds: number,
  random: Random,
  speedUp = 1,
  scale = 1,
): RoundPair[] {
  const timeProcess = (round: number, common: number, seconds: number) => {
    const own = process(random);
    const stepSeconds = blocks(random, 10).map((block) => seconds * Math.exp(common + scale * (own + block)));
    return { round, stepSeconds };
  };
  const all = Array.from({ length: rounds }, (_, index) => {
    const common = shared?.(random, index) ?? 0;
    return [timeProcess(index + 1, common, 0.2 / speedUp), timeProcess(index + 1, common, 0.2)] as const;
  });
  return pairByRound(
    all.map(([subject]) => subject),
    all.map(([, reference]) => reference),
  );
}
