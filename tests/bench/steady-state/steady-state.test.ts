import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changePoints } from '../../../src/bench/steady-state/change-point.ts';
import { assessSteadyState } from '../../../src/bench/steady-state/settled.ts';
import { theilSen } from '../../../src/bench/steady-state/theil-sen.ts';
import { createRandom } from '../../../src/mathematics/random.ts';

/** Levels for so many blocks each, with relative normal noise. */
function series(levels: readonly (readonly [level: number, blocks: number])[], noise: number, seed = 1) {
  const random = createRandom(seed, 'series');
  return levels.flatMap(([level, blocks]) =>
    Array.from({ length: blocks }, () => level * Math.exp(noise * random.normal())),
  );
}

const logs = (values: readonly number[]) => values.map(Math.log);

describe('changes of level', () => {
  it('are found where they are, give or take a block, and few others', () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const levels = [
      [1.5, 12],
      [1, 40],
      [1.2, 30],
    ] as const;
    const found = seeds.map((seed) => changePoints(logs(series(levels, 0.02, seed))));
    for (const changes of found) {
      for (const truth of [12, 52])
        expect(
          changes.some((change) => Math.abs(change - truth) <= 1),
          String(changes),
        ).toBe(true);
    }
    expect(found.flat().length).toBeLessThan(2 * seeds.length + 6);
  });

  it('are rarely seen in noise, and never in a constant', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const alarms = seeds.filter((seed) => changePoints(logs(series([[1, 60]], 0.03, seed))).length > 0);
    expect(alarms.length).toBeLessThan(20);
    expect(changePoints(Array.from({ length: 50 }, () => -1.5))).toEqual([]);
  });

  it('are not single slow blocks', () => {
    const values = series([[1, 40]], 0.02);
    values[20]! *= 3;
    values[31]! *= 2;
    expect(changePoints(logs(values))).toEqual([]);
  });

  it('do not depend on the unit of time, and lie where segments of three are possible', () => {
    const times = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(times, (values) => {
        const found = changePoints(logs(values));
        expect(changePoints(logs(values.map((value) => value * 1024)))).toEqual(found);
        for (const [index, change] of found.entries()) {
          expect(change - (found[index - 1] ?? 0)).toBeGreaterThanOrEqual(3);
          expect((found[index + 1] ?? values.length) - change).toBeGreaterThanOrEqual(3);
        }
      }),
    );
  });
});

describe('the Theil–Sen slope', () => {
  it('is that of a line, whatever a quarter of the values does', () => {
    const line = Array.from({ length: 40 }, (_, index) => 3 + 0.25 * index);
    expect(theilSen(line)).toEqual({ slope: 0.25, low: 0.25, high: 0.25 });
    const spoilt = line.map((value, index) => (index % 4 === 0 ? value + 100 : value));
    expect(theilSen(spoilt)!.slope).toBeCloseTo(0.25, 1);
  });

  it('agrees with a worked example by hand', () => {
    // Slopes of the ten pairs of 1, 2, 4, 8, 16, sorted: 1 1.5 2 2.33 3 3.75 4 4.67 6 8; C = 1.96 √(5·4·15/18) = 8.0.
    const { slope, low, high } = theilSen([1, 2, 4, 8, 16])!;
    expect(slope).toBeCloseTo((3 + 3.75) / 2, 12);
    expect([low, high]).toEqual([1, 8]);
  });

  it('has an interval that covers the true slope 95 times of 100, about', () => {
    const hits = Array.from({ length: 400 }, (_, seed) => {
      const random = createRandom(seed, 'slope');
      const { low, high } = theilSen(
        Array.from({ length: 20 }, (_, index) => 0.1 * index + random.normal()),
      )!;
      return low <= 0.1 && 0.1 <= high;
    }).filter(Boolean);
    expect(hits.length / 400).toBeGreaterThan(0.93);
    expect(hits.length / 400).toBeLessThan(0.99);
  });

  it('needs five values', () => {
    expect(theilSen([1, 2, 3, 4])).toBeNull();
  });
});

describe('the label of a series', () => {
  it.each([
    ['flat', [[1, 60]]],
    [
      'warm-up',
      [
        [2, 10],
        [1, 50],
      ],
    ],
    [
      'slow-down',
      [
        [1, 15],
        [1.3, 50],
      ],
    ],
    [
      'no-steady-state',
      [
        [1, 45],
        [1.4, 8],
      ],
    ],
  ] as const)('%s', (label, levels) => {
    const result = assessSteadyState(series(levels, 0.001), 20);
    expect(result.label).toBe(label);
    expect(result.proven).toBe(label !== 'no-steady-state');
  });

  it('is no steady state while the level keeps rising', () => {
    const random = createRandom(1, 'drift');
    const rising = Array.from({ length: 60 }, (_, index) => Math.exp(0.002 * index + 0.01 * random.normal()));
    expect(assessSteadyState(rising, 20)).toMatchObject({ label: 'no-steady-state', proven: false });
  });

  it('claims no proof from noise, nor from a handful of blocks', () => {
    expect(assessSteadyState(series([[1, 40]], 0.1), 20).proven).toBe(false);
    expect(assessSteadyState(series([[1, 6]], 0.0001), 20).proven).toBe(false);
    expect(assessSteadyState([], 20)).toMatchObject({ label: 'flat', blocks: 0, drift: null, proven: false });
    expect(assessSteadyState([1], 20)).toMatchObject({ label: 'flat', drift: null, proven: false });
  });

  it('says from where on it was steady', () => {
    expect(
      assessSteadyState(
        series(
          [
            [2, 10],
            [1, 50],
          ],
          0.01,
        ),
        20,
      ).steadyFrom,
    ).toBe(10);
  });
});
