import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelBox, overlapArea, placeLabels, spread } from '../../../reports/figures/label-placement.ts';

const panel = { width: 400, height: 300 };

describe('placeLabels', () => {
  test('puts a lone label on the right, or on the left at the right edge', () => {
    const label = { y: 150, width: 40, height: 12 };
    expect(placeLabels([{ ...label, x: 100 }], [], panel)).toEqual([{ dx: 9, dy: 0, align: 'left' }]);
    expect(placeLabels([{ ...label, x: 398 }], [], panel)).toEqual([{ dx: -9, dy: 0, align: 'right' }]);
  });

  test('keeps labels of near points apart', () => {
    const requests = [100, 104, 108].map((x) => ({ x, y: 150, width: 60, height: 12 }));
    const places = placeLabels(requests, [], panel);
    const boxes = requests.map((request, index) => labelBox(request, places[index] ?? never()));
    for (const [index, box] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) expect(overlapArea(box, other)).toBe(0);
    }
  });

  test('avoids an obstacle', () => {
    const obstacle = { left: 105, right: 200, top: 140, bottom: 160, weight: 1 };
    const request = { x: 100, y: 150, width: 40, height: 12 };
    const [place] = placeLabels([request], [obstacle], panel);
    expect(overlapArea(labelBox(request, place ?? never()), obstacle)).toBe(0);
  });
});

describe('spread', () => {
  const wanted = fc
    .array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 12 })
    .map((values) => values.sort((a, b) => a - b));

  test('keeps the gap and the mean', () => {
    fc.assert(
      fc.property(wanted, (values) => {
        const placed = spread(values, 13);
        for (let index = 1; index < placed.length; index++) {
          expect((placed[index] ?? 0) - (placed[index - 1] ?? 0)).toBeGreaterThan(13 - 1e-6);
        }
        expect(mean(placed)).toBeCloseTo(mean(values), 6);
      }),
    );
  });

  test('leaves alone what is far enough apart', () => {
    expect(spread([0, 20, 50], 13)).toEqual([0, 20, 50]);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function never(): never {
  throw new Error('placeLabels returned fewer places than labels.');
}
