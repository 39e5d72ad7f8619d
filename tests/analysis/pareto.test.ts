import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominates, paretoFront, type Objective } from '../../src/analysis/pareto.ts';

interface Network {
  readonly flops: number;
  readonly top1: number;
}

const objectives: readonly Objective<Network>[] = [
  { value: (network) => network.flops, better: 'lower' },
  { value: (network) => network.top1, better: 'higher' },
];

// Few distinct values, so that ties and duplicates are common.
const networks = fc.array(
  fc.record({ flops: fc.integer({ min: 1, max: 9 }), top1: fc.integer({ min: 60, max: 68 }) }),
);

describe('paretoFront', () => {
  test('keeps the cheapest and the most accurate, drops what is worse in both', () => {
    const cheap = { flops: 1, top1: 70 };
    const accurate = { flops: 5, top1: 80 };
    const worse = { flops: 6, top1: 75 };
    expect(paretoFront([worse, accurate, cheap], objectives)).toEqual([accurate, cheap]);
  });

  test('keeps all of several equal items', () => {
    const twins = [
      { flops: 1, top1: 70 },
      { flops: 1, top1: 70 },
    ];
    expect(paretoFront(twins, objectives)).toEqual(twins);
  });

  test('refuses NaN', () => {
    expect(() => paretoFront([{ flops: NaN, top1: 70 }], objectives)).toThrow(RangeError);
  });

  test('no member is dominated; every non-member is dominated by a member', () => {
    fc.assert(
      fc.property(networks, (items) => {
        const front = paretoFront(items, objectives);
        for (const item of items) {
          const isDominated = front.some((member) => dominates(member, item, objectives));
          expect(isDominated).toBe(!front.includes(item));
        }
      }),
    );
  });

  test('does not depend on the order of the items', () => {
    fc.assert(
      fc.property(networks, (items) => {
        const forwards = new Set(paretoFront(items, objectives));
        const backwards = new Set(paretoFront(items.toReversed(), objectives));
        expect(backwards).toEqual(forwards);
      }),
    );
  });

  test('dominance is irreflexive and asymmetric', () => {
    fc.assert(
      fc.property(fc.tuple(networks, networks), ([left, right]) => {
        for (const a of left) {
          expect(dominates(a, a, objectives)).toBe(false);
          for (const b of right) {
            expect(dominates(a, b, objectives) && dominates(b, a, objectives)).toBe(false);
          }
        }
      }),
    );
  });
});
