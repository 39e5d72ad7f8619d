/** Simulation with a known truth: do 95 % intervals cover it in 93 to 97 of 100 runs, and are verdicts true? */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/mathematics/random.ts';
import { detectableEffect } from '../../../src/bench/statistics/detectable-effect.ts';
import {
  deviationOf,
  pairedSpeedRatio,
  unpairedSpeedRatio,
} from '../../../src/bench/statistics/speed-ratio.ts';
import { tInterval } from '../../../src/bench/statistics/t-interval.ts';
import { verdictOf } from '../../../src/bench/statistics/verdict.ts';
import type { SpeedRatio, Verdict } from '../../../src/results/schema.ts';
import { disturbed, noises, simulateRounds } from '../../support/simulated-rounds.ts';

const runs = 1200;
const truth = 1.05;
const smallestEffect = 0.01;

// Few replicates, because there are many runs; the quantiles of 400 scatter little in relation to the interval.
const resampling = (run: number) => ({ seed: run, stream: 'bootstrap', replicates: 400 });

function simulate(name: keyof typeof noises, rounds: number, speedUp: number, scale = 1): SpeedRatio[] {
  const random = createRandom(1, `${name} ${rounds} ${speedUp} ${scale}`);
  return Array.from({ length: runs }, (_, run) =>
    pairedSpeedRatio(simulateRounds(noises[name], rounds, random, speedUp, scale), resampling(run)),
  );
}

const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
  items.filter(holds).length / items.length;

const covers = ({ low, high }: SpeedRatio, value: number) => (low ?? NaN) <= value && value <= (high ?? NaN);

const isFalse = (verdict: Verdict) => verdict === 'faster' || verdict === 'slower';

describe.each(Object.keys(noises) as (keyof typeof noises)[])('%s', (name) => {
  it.each([6, 9, 10, 20])(
    '%d rounds: 95-per-cent intervals cover, and no difference gets no false verdict',
    (rounds) => {
      const same = simulate(name, rounds, 1);
      const coverage = share(same, (ratio) => covers(ratio, 1));
      expect(coverage).toBeGreaterThan(0.93);
      expect(coverage).toBeLessThan(0.97);
      expect(share(same, (ratio) => isFalse(verdictOf(ratio, smallestEffect, true)))).toBeLessThan(0.05);
      // Even when every difference is of interest.
      expect(share(same, (ratio) => isFalse(verdictOf(ratio, 1e-9, true)))).toBeLessThan(0.07);
    },
  );
});

describe('a difference of five per cent', () => {
  it.each([6, 9, 10, 20])(
    '%d rounds: has a verdict four times of five when it is the minimum detectable effect',
    (rounds) => {
      // The noise at which the effect that a control would print is 5 %.
      const variances = simulate('normal', rounds, 1).map((ratio) => deviationOf(ratio)! ** 2);
      const deviation = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / runs);
      const perUnit = Math.log1p(detectableEffect(deviation, rounds, 0));
      const scale = (Math.log(truth) - Math.log1p(smallestEffect)) / perUnit;
      const different = simulate('normal', rounds, truth, scale);
      const power = share(different, (ratio) => verdictOf(ratio, smallestEffect, true) === 'faster');
      expect(power).toBeGreaterThan(0.74);
      expect(power).toBeLessThan(0.86);
      expect(share(different, (ratio) => verdictOf(ratio, smallestEffect, true) === 'slower')).toBe(0);
      const half = simulate('normal', rounds, truth, scale / 2);
      expect(share(half, (ratio) => verdictOf(ratio, smallestEffect, true) === 'faster')).toBeGreaterThan(
        0.97,
      );
    },
  );
});

describe('processes that are disturbed now and then', () => {
  it('twenty rounds: the interval by ranks covers, and is half as wide as the t interval', () => {
    const random = createRandom(1, 'disturbed');
    const samples = Array.from({ length: runs }, () => simulateRounds(disturbed, 20, random, truth));
    const ratios = samples.map((pairs, run) => pairedSpeedRatio(pairs, resampling(run)));
    const coverage = share(ratios, (ratio) => covers(ratio, truth));
    expect(coverage).toBeGreaterThan(0.93);
    expect(coverage).toBeLessThan(0.97);
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    const byRanks = sum(ratios.map(({ low, high }) => Math.log((high ?? NaN) / (low ?? NaN))));
    const byT = sum(
      samples.map((pairs) => {
        const { low, high } = tInterval(pairs.map(({ logRatio }) => logRatio));
        return high - low;
      }),
    );
    expect(byRanks / byT).toBeLessThan(0.6);
  });
});

describe('two runs that share no round', () => {
  it.each([6, 10])('%d processes each: 95-per-cent intervals cover', (processes) => {
    const random = createRandom(1, `unpaired ${processes}`);
    for (const name of ['normal', 'heavy-tailed', 'autocorrelated blocks', 'two modes'] as const) {
      const ratios = Array.from({ length: runs }, (_, run) => {
        const pairs = simulateRounds(noises[name], processes, random, truth);
        const [own, other] = [pairs.map(({ subject }) => subject), pairs.map(({ reference }) => reference)];
        return unpairedSpeedRatio(own, other, resampling(run));
      });
      const coverage = share(ratios, (ratio) => covers(ratio, truth));
      expect(coverage, name).toBeGreaterThan(0.93);
      expect(coverage, name).toBeLessThan(0.97);
    }
  });
});
