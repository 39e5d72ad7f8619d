import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { lagOneAutocorrelation } from '../../../src/bench/statistics/autocorrelation.ts';
import { bootstrapMeans, percentileInterval } from '../../../src/bench/statistics/bootstrap.ts';
import { detectableEffect } from '../../../src/bench/statistics/detectable-effect.ts';
import { driftOf } from '../../../src/bench/statistics/drift.ts';
import { holm } from '../../../src/bench/statistics/holm.ts';
import { pairByRound } from '../../../src/bench/statistics/log-ratios.ts';
import { twoModes } from '../../../src/bench/statistics/modes.ts';
import { labelOutliers } from '../../../src/bench/statistics/outliers.ts';
import { labelTest, signFlipTest } from '../../../src/bench/statistics/permutation.ts';
import {
  lowerQuantile,
  rankSumTail,
  signedRankTail,
} from '../../../src/bench/statistics/rank-distributions.ts';
import { rankSumEstimate, signedRankEstimate } from '../../../src/bench/statistics/rank-interval.ts';
import { rankSumTest, signedRankTest } from '../../../src/bench/statistics/rank-tests.ts';
import { tInterval, welchInterval } from '../../../src/bench/statistics/t-interval.ts';
import { controlPasses, roundsToSettle, verdictOf } from '../../../src/bench/statistics/verdict.ts';
import { createRandom } from '../../../src/mathematics/random.ts';
import type { SpeedRatio } from '../../../src/results/schema.ts';

/** Student's sleep data, as in R: hours gained with two drugs by ten patients. */
const sleep = {
  first: [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
  second: [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
};

/** Hollander & Wolfe's example of the signed-rank test: a depression scale before and after. */
const depression = {
  before: [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
  after: [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
};
const relief = depression.before.map((before, index) => before - depression.after[index]!);

/** Hollander & Wolfe's example of the rank-sum test: permeability of a membrane. */
const permeability = {
  term: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
  early: [1.15, 0.88, 0.9, 0.74, 1.21],
};

describe('t intervals', () => {
  it('equal those of R’s t.test on the sleep data, paired and not', () => {
    const paired = tInterval(sleep.first.map((hours, index) => hours - sleep.second[index]!));
    expect(paired.low).toBeCloseTo(-2.4598858, 6);
    expect(paired.high).toBeCloseTo(-0.7001142, 6);
    const welch = welchInterval(sleep.first, sleep.second);
    expect(welch.low).toBeCloseTo(-3.3654832, 6);
    expect(welch.high).toBeCloseTo(0.2054832, 6);
  });
});

describe('ranks', () => {
  // Two-sided 5 % points of the published tables.
  it.each([
    [5, -1],
    [6, 0],
    [8, 3],
    [10, 8],
    [20, 52],
    [30, 137],
  ])('the signed-rank statistic of %d values is at most %d in 2.5 of 100', (count, expected) => {
    expect(lowerQuantile(signedRankTail(count), 0.025)).toBe(expected);
  });

  it.each([
    [3, 3, -1],
    [4, 4, 0],
    [5, 5, 2],
    [6, 8, 8],
    [10, 10, 23],
  ])('the rank-sum statistic of %d and %d values is at most %d in 2.5 of 100', (first, second, expected) => {
    expect(lowerQuantile(rankSumTail(first, second), 0.025)).toBe(expected);
  });

  it('large samples go over into the normal distribution without a step', () => {
    expect(lowerQuantile(signedRankTail(40), 0.025)).toBe(264);
    // By the normal approximation; the exact value is 279.
    expect(Math.abs(lowerQuantile(signedRankTail(41), 0.025) - 279)).toBeLessThanOrEqual(1);
  });

  it('tests and estimates equal those of R’s wilcox.test on its examples', () => {
    expect(signedRankTest(relief)).toBeCloseTo(0.0390625, 10);
    expect(signedRankEstimate(relief).estimate).toBeCloseTo(0.46, 10);
    expect(rankSumTest(permeability.term, permeability.early)).toBeCloseTo(0.2544122, 6);
    expect(rankSumEstimate(permeability.term, permeability.early).estimate).toBeCloseTo(0.305, 10);
  });

  it('the interval of six values is from the smallest to the largest, and of five there is none', () => {
    expect(signedRankEstimate([5, 1, 2, 9, 3, 4])).toMatchObject({ low: 1, high: 9 });
    expect(() => signedRankEstimate([1, 2, 3, 4, 5])).toThrow(RangeError);
  });

  it('the interval is where the test does not reject', () => {
    const { low, high } = signedRankEstimate(relief);
    for (const [shift, rejects] of [
      [low - 1e-6, true],
      [low + 1e-6, false],
      [high - 1e-6, false],
      [high + 1e-6, true],
    ] as const) {
      expect(signedRankTest(relief.map((value) => value - shift)) < 0.05).toBe(rejects);
    }
  });
});

describe('permutation', () => {
  const random = () => createRandom(1, 'permutation');

  it('goes through all signs of few values', () => {
    expect(signFlipTest([1, 2, 3, 4, 5, 6], random())).toBe(2 / 64);
    expect(signFlipTest([3, 1, -1], random())).toBe(6 / 8);
    expect(signFlipTest([1, -1], random())).toBe(1);
    expect(signFlipTest([0.1, 0.2, 0.3], random())).toBe(2 / 8);
  });

  it('draws for many, and comes out as the exact test does', () => {
    const values = Array.from({ length: 16 }, (_, index) => Math.sin(7 * index) + 0.35);
    const exact = signFlipTest(values, random());
    expect(signFlipTest([...values, 1e-9], random())).toBeCloseTo(exact, 1.5);
    expect(
      signFlipTest(
        Array.from({ length: 30 }, () => 1),
        random(),
      ),
    ).toBe(1 / 10_001);
  });

  it('of labels: two against two that are apart leave two of six ways', () => {
    expect(labelTest([1, 2], [8, 9], random())).toBeCloseTo(2 / 6, 1.5);
  });

  it('Holm’s correction equals R’s p.adjust', () => {
    const found = holm([0.01, 0.04, null, 0.03, 0.005]);
    const expected = [0.03, 0.06, null, 0.06, 0.02];
    for (const [index, p] of found.entries()) {
      if (p === null) expect(expected[index]).toBeNull();
      else expect(p).toBeCloseTo(expected[index]!, 12);
    }
  });
});

describe('the hierarchical bootstrap', () => {
  it('has the standard error of the mean, whether processes or only their blocks scatter', () => {
    const random = createRandom(1, 'bootstrap');
    for (const between of [0.02, 0]) {
      const units = Array.from({ length: 40 }, () => {
        const own = between * random.normal();
        const blocks = Array.from({ length: 10 }, () => Math.exp(own + 0.03 * random.normal()));
        return { value: Math.log(blocks.toSorted()[5]!), processes: [blocks] };
      });
      const error = sampleStandardDeviation(units.map(({ value }) => value)) / Math.sqrt(units.length);
      const means = bootstrapMeans(units, createRandom(2, 'draws'));
      expect(means).toHaveLength(10_000);
      expect(sampleStandardDeviation([...means]) / error).toBeGreaterThan(0.94);
      expect(sampleStandardDeviation([...means]) / error).toBeLessThan(1.06);
      const { low, high } = percentileInterval(means);
      expect((high - low) / (2 * 1.96 * error)).toBeCloseTo(1, 0.9);
      expect(bootstrapMeans(units, createRandom(2, 'draws'))).toEqual(means);
    }
  });
});

describe('what is odd', () => {
  it('autocorrelation of 1, 2, 3, 4 is a quarter, pooled about each series’ own mean', () => {
    expect(lagOneAutocorrelation([[1, 2, 3, 4]])).toBeCloseTo(0.25, 12);
    expect(lagOneAutocorrelation([[1, 2, 3, 4], [101, 102, 103, 104], [7]])).toBeCloseTo(0.25, 12);
    expect(lagOneAutocorrelation([[1, -1, 1, -1]])).toBeCloseTo(-0.75, 12);
    expect(lagOneAutocorrelation([[2, 2], []])).toBeNull();
  });

  it('drift is the slope per hour, tested between the first and the last third', () => {
    const growing = Array.from({ length: 9 }, (_, index) => ({
      hours: index / 4,
      logSeconds: (index / 4) * Math.log(1.1),
    }));
    expect(driftOf(growing)?.perHour).toBeCloseTo(0.1, 10);
    // Three against three, wholly apart: two of twenty orders.
    expect(driftOf(growing)?.p).toBeCloseTo(0.1, 10);
    expect(driftOf(growing.slice(0, 5))).toBeNull();
  });

  it('outliers are labelled by Tukey’s fences', () => {
    const labels = labelOutliers([1, 2, 3, 4, 5, 6, 7, 14, 30]);
    // Quartiles 3 and 7: fences at −3 and 13, −9 and 19.
    expect(labels).toEqual([...Array.from({ length: 7 }, () => null), 'mild', 'severe']);
    expect(labelOutliers([1, 1, 99])).toEqual([null, null, null]);
  });

  it('two modes are found where there are two, and hardly ever where there is one', () => {
    const random = createRandom(1, 'modes');
    const normal = (count: number, centre: number) =>
      Array.from({ length: count }, () => centre + random.normal());
    const modes = twoModes([...normal(8, 0), ...normal(6, 20)]);
    expect([modes?.low.count, modes?.high.count]).toEqual([8, 6]);
    expect(modes?.high.centre).toBeCloseTo(20, -0.5);
    const found = Array.from({ length: 1000 }, () => twoModes(normal(12, 0))).filter((each) => each !== null);
    expect(found.length).toBeLessThan(40);
    expect(twoModes([0, 0, 0, 0, 9, 9, 9, 9])).toBeNull();
  });
});

describe('pairs', () => {
  it('are of rounds that both have; above 0 where the subject is faster', () => {
    const pairs = pairByRound(
      [
        { round: 2, stepSeconds: [1, 1, 50] },
        { round: 1, stepSeconds: [] },
        { round: 5, stepSeconds: [1] },
      ],
      [
        { round: 1, stepSeconds: [1] },
        { round: 2, stepSeconds: [2, 2, 2] },
      ],
      { subjectBatch: 8, referenceBatch: 4 },
    );
    expect(pairs.map(({ round }) => round)).toEqual([2]);
    expect(pairs[0]?.logRatio).toBeCloseTo(Math.log(4), 12);
  });
});

describe('verdicts', () => {
  const ratio = (low: number | null, high: number | null, rounds = 6): SpeedRatio => ({
    estimate: low === null || high === null ? 1 : Math.sqrt(low * high),
    low,
    high,
    method: 't',
    p: null,
    rounds,
  });

  it.each([
    [1.02, 1.2, 'faster'],
    [1.005, 1.2, 'inconclusive'],
    [0.8, 0.98, 'slower'],
    [0.995, 1.005, 'equivalent'],
    [0.95, 1.05, 'inconclusive'],
    [null, null, 'inconclusive'],
  ] as const)('%d to %d: %s', (low, high, verdict) => {
    expect(verdictOf(ratio(low, high), 0.01, true)).toBe(verdict);
    expect(verdictOf(ratio(low, high), 0.01, false)).toBe('unproven');
    expect(verdictOf(ratio(low, high, 5), 0.01, true)).toBe('inconclusive');
  });

  it('a control passes when it contains 1, or stays within the smallest effect', () => {
    expect(controlPasses(ratio(0.9, 1.1), 0.01)).toBe(true);
    expect(controlPasses(ratio(1.001, 1.004), 0.01)).toBe(true);
    expect(controlPasses(ratio(1.001, 1.02), 0.01)).toBe(false);
    expect(controlPasses(ratio(null, null), 0.01)).toBeNull();
  });

  it('more rounds settle what is clear on average, and nothing at the very edge', () => {
    const near = roundsToSettle(ratio(0.98, 1.08), 0.01);
    expect(near).toBeGreaterThan(6);
    expect(roundsToSettle(ratio(0.98, 1.2), 0.01)).toBeLessThan(near ?? 0);
    expect(roundsToSettle({ ...ratio(0.98, 1.04), estimate: 1.01 }, 0.01)).toBeNull();
    expect(roundsToSettle(ratio(null, null), 0.01)).toBeNull();
  });

  it('the detectable effect is (t(0.975, R − 1) + t(0.8, R − 1)) · s / √R beyond the smallest', () => {
    // R = 6: 2.570582 and 0.919544.
    const expected = Math.expm1(Math.log(1.01) + ((2.570582 + 0.919544) * 0.02) / Math.sqrt(6));
    expect(detectableEffect(0.02, 6, 0.01)).toBeCloseTo(expected, 6);
    expect(mean([expected])).toBeCloseTo(0.0392, 4);
  });
});
