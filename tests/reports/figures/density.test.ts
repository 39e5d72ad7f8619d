import fc from 'fast-check';
import { expect, test } from 'vitest';
import { densityOutline } from '../../../reports/figures/density.ts';
import { createRandom } from '../../../src/mathematics/random.ts';

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 10, maxLength: 200 });

test('an outline goes up once to its height, from one side of the values to the other', () => {
  fc.assert(
    fc.property(values, (given) => {
      const outline = densityOutline(given);
      if (outline === null) return;
      const places = outline.map(({ at }) => at);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places[0]).toBeCloseTo(Math.min(...given), 9);
      expect(places.at(-1)).toBeCloseTo(Math.max(...given), 9);
      expect(Math.max(...outline.map(({ height }) => height))).toBe(1);
    }),
  );
});

test('two groups are two hills', () => {
  const random = createRandom(1, 'hills');
  const given = Array.from({ length: 200 }, (_, index) => (index % 2) * 10 + random.normal() / 2);
  const outline = densityOutline(given)!;
  const nearest = (place: number) =>
    outline.reduce((best, each) => (Math.abs(each.at - place) < Math.abs(best.at - place) ? each : best));
  expect(nearest(0).height).toBeGreaterThan(2 * nearest(5).height);
  expect(nearest(10).height).toBeGreaterThan(2 * nearest(5).height);
});

test('few values have no shape, nor do equal ones', () => {
  expect(densityOutline([1, 2, 3])).toBeNull();
  expect(densityOutline(new Array<number>(50).fill(2))).toBeNull();
});
