import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeDivisible, scaleDepth, scaleWidth } from '../../../src/models/scaling/compound-scaling.ts';

test.each([
  [19.2, 24], // the one place where rounding down by more than 10 % is prevented: B3's first stage
  [16, 16],
  [17.6, 16],
  [20, 24],
  [44, 48],
  [3, 8],
  [0.1, 8],
  [112 * 1.4, 160],
])('%d channels become %d', (channels, expected) => {
  expect(makeDivisible(channels)).toBe(expected);
});

test('rounding gives multiples of the divisor within half of it, and never loses more than 10 %', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 8, max: 5000, noNaN: true }),
      fc.constantFrom(4, 8, 16),
      (channels, divisor) => {
        const rounded = makeDivisible(channels, divisor);
        expect(rounded % divisor).toBe(0);
        expect(rounded).toBeGreaterThanOrEqual(Math.max(divisor, 0.9 * channels));
        expect(rounded).toBeLessThanOrEqual(channels + 1.5 * divisor);
      },
    ),
  );
});

test('scaling is monotone', () => {
  const factor = fc.double({ min: 0.1, max: 6, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), factor, factor, (base, a, b) => {
      const [small, large] = a < b ? [a, b] : [b, a];
      expect(scaleWidth(base, small)).toBeLessThanOrEqual(scaleWidth(base, large));
      expect(scaleDepth(base, small)).toBeLessThanOrEqual(scaleDepth(base, large));
    }),
  );
});

test('depth is rounded up', () => {
  expect([1, 2, 3, 4].map((repeats) => scaleDepth(repeats, 1.1))).toEqual([2, 3, 4, 5]);
  expect(scaleDepth(3, 1)).toBe(3);
});
