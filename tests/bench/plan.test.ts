import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCells, planRound, roundNumber, roundsOfShard } from '../../src/bench/plan.ts';
import { standardProtocol } from '../../src/bench/protocol.ts';
import type { Subject } from '../../src/results/schema.ts';

const subject = {
  mode: 'inference' as const,
  engine: 'onnxruntime',
  device: 'cpu',
  precision: 'fp32',
  threads: 1,
};

const subjects: Subject[] = [2, 4].flatMap((batch) =>
  ['a', 'b', 'c'].map((variant) => ({ ...subject, variant, batch })),
);

describe('a round', () => {
  it('runs every subject once and the first of each setting once more', () => {
    const cells = planRound(subjects, 1, 7);
    expect(cells).toHaveLength(8);
    expect(new Set(cells.filter(({ control }) => !control).map((cell) => cell.subject))).toEqual(
      new Set(subjects),
    );
    const controls = cells.filter(({ control }) => control).map((cell) => cell.subject);
    expect(new Set(controls)).toEqual(new Set([subjects[0], subjects[3]]));
    expect(cells.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('has an order of its own, the same for the same seed', () => {
    const order = (round: number, seed: number) =>
      planRound(subjects, round, seed).map(({ subject: { variant, batch } }) => `${variant} ${batch}`);
    expect(order(1, 7)).toEqual(order(1, 7));
    expect(order(1, 7)).not.toEqual(order(2, 7));
    expect(order(1, 7)).not.toEqual(order(1, 8));
  });
});

describe('shards', () => {
  it('share the rounds of a plan out: none twice, none left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 }), (rounds, count) => {
        const protocol = { ...standardProtocol, rounds };
        const parts = Array.from({ length: count }, (_, index) =>
          planCells(subjects, protocol, 1, { index: index + 1, count }),
        );
        const all = planCells(subjects, protocol, 1);
        const key = (cell: { key: string }) => cell.key;
        expect(parts.flat().map(key).sort()).toEqual(all.map(key).sort());
        for (const [index, part] of parts.entries())
          expect(part.length).toBe(8 * roundsOfShard(rounds, { index: index + 1, count }));
      }),
    );
    expect(roundNumber(2, { index: 2, count: 4 })).toBe(10);
  });
});
