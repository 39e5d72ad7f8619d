import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoAccuracySpeedUps, largestSpeedUp, throughputAt } from '../../src/analysis/iso-accuracy.ts';
import { recomputeClaims } from '../../src/analysis/study-claims.ts';

const front = [
  { top1: 70, throughput: 1000 },
  { top1: 80, throughput: 10 },
  { top1: 75, throughput: 5 },
];

describe('throughputAt', () => {
  test('is the geometric mean half-way, and the point itself at its ends', () => {
    expect(throughputAt(front, 75)).toBeCloseTo(100, 9);
    expect(throughputAt(front, 70)).toBe(1000);
    expect(throughputAt(front, 80)).toBe(10);
  });

  test('does not extrapolate', () => {
    expect(throughputAt(front, 69.99)).toBeNull();
    expect(throughputAt(front, 80.01)).toBeNull();
    expect(throughputAt([], 75)).toBeNull();
  });
});

describe('isoAccuracySpeedUps', () => {
  const points = fc.array(
    fc.record({
      top1: fc.double({ min: 60, max: 90, noNaN: true }),
      throughput: fc.double({ min: 1, max: 1e5, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  test('of a family over itself is 1 at every point of its front', () => {
    fc.assert(
      fc.property(points, (family) => {
        for (const { speedUp } of isoAccuracySpeedUps(family, family)) expect(speedUp).toBeCloseTo(1, 9);
      }),
    );
  });

  test('a machine twice as fast for one of the families doubles it', () => {
    fc.assert(
      fc.property(points, points, (family, reference) => {
        const faster = family.map((point) => ({ ...point, throughput: 2 * point.throughput }));
        const before = isoAccuracySpeedUps(family, reference);
        const after = isoAccuracySpeedUps(faster, reference);
        expect(after).toHaveLength(before.length);
        for (const [index, { speedUp }] of after.entries())
          expect(speedUp / before[index]!.speedUp).toBeCloseTo(2, 9);
      }),
    );
  });

  test('is nothing where the accuracies do not meet', () => {
    expect(largestSpeedUp([{ top1: 60, throughput: 1 }], [{ top1: 61, throughput: 1 }])).toBeNull();
  });
});

test('the digitised figure gives the claims of the study: 7× (6.9×) and up to 3× (2.85×)', () => {
  const [together, groups] = recomputeClaims(({ plottedImagesPerSecond }) => plottedImagesPerSecond);
  expect(together?.found?.speedUp).toBeCloseTo(6.9, 1);
  expect(together?.found?.top1).toBe(82.83);
  expect(groups?.found?.speedUp).toBeCloseTo(2.85, 2);
  expect(groups?.found?.top1).toBe(83.39);
});
