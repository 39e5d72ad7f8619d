import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationFunctions } from '../../src/operators/activation.ts';
import {
  erf,
  normalCdf,
  normalQuantile,
  normalQuantiles,
} from '../../src/mathematics/normal-distribution.ts';

/** Relative error, or absolute near 0. */
const error = (value: number, expected: number) =>
  Math.abs(value - expected) / Math.max(1e-300, Math.abs(expected));

describe('error function', () => {
  test.each([
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [6, 1],
  ])('erf(%d) as tabulated', (x, expected) => {
    expect(error(erf(x), expected)).toBeLessThan(2e-15);
    expect(error(erf(-x), -expected)).toBeLessThan(2e-15);
  });

  test('has no jump where the series hands over to the continued fraction', () => {
    const below = erf(2.5 - 1e-9);
    const above = erf(2.5);
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-6.25);
    expect(Math.abs(above - below - slope * 1e-9)).toBeLessThan(1e-15);
  });
});

describe('normal distribution', () => {
  test.each([
    [0.975, 1.959963984540054],
    [0.9, 1.2815515655446004],
    [0.001, -3.090232306167813],
    [1e-4, -3.719016485455709],
    [1e-10, -6.361340902404056],
    [1e-17, -8.493793224109598],
  ])('quantile of %d as tabulated', (p, expected) => {
    expect(error(normalQuantile(p), expected)).toBeLessThan(1e-14);
  });

  test('the quantile inverts the distribution function, far into the lower tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -12, max: 5, noNaN: true }), (x) => {
        expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-8);
      }),
    );
  });

  test('is symmetric and refuses what is no probability', () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.8)).toBe(-normalQuantile(1 - 0.8));
    for (const p of [0, 1, -0.1, 2, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
  });
});

describe('quantiles of proxy norm', () => {
  test.each([
    [200, 2.807],
    [256, 2.8856],
  ])('the largest of %d', (count, largest) => {
    const quantiles = normalQuantiles(count);
    expect(quantiles).toHaveLength(count);
    expect(Math.max(...quantiles).toFixed(4)).toBe(largest.toFixed(4));
    expect(quantiles.every((q, index) => index === 0 || q > (quantiles[index - 1] ?? Infinity))).toBe(true);
  });

  // Values of arXiv 2106.03743's statistics for β = β̃ = γ̃ = 0, γ = 1, worked out independently.
  test.each([
    ['swish', 200, 0.206048, 0.310004, 1.714977],
    ['swish', 256, 0.206184, 0.310665, 1.713312],
    ['relu', 200, 0.398451, 0.338035, 1.648373],
    ['relu', 256, 0.398565, 0.338637, 1.647026],
  ] as const)(
    'mean, variance and scale of %s over %d quantiles',
    (activation, count, mean, variance, scale) => {
      const values = [...normalQuantiles(count)].map(activationFunctions[activation].evaluate);
      const average = values.reduce((sum, z) => sum + z, 0) / count;
      const spread = values.reduce((sum, z) => sum + (z - average) ** 2, 0) / count;
      expect(average).toBeCloseTo(mean, 6);
      expect(spread).toBeCloseTo(variance, 6);
      expect(1 / Math.sqrt(spread + 0.03)).toBeCloseTo(scale, 5);
    },
  );
});
