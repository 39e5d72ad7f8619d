import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishedCells } from '../../src/results/cells.ts';
import type { RunRecord } from '../../src/results/schema.ts';

const subject = {
  variant: 'efficientnet-b0',
  mode: 'inference' as const,
  engine: 'onnxruntime',
  device: 'cpu',
  precision: 'fp32',
  batch: 2,
  threads: 1,
};

/** The records of one try, of which the process got to write the first `written`. */
function attempt(round: number, position: number, number: number, written = Infinity): RunRecord[] {
  const cell = number === 1 ? `${round}.${position}` : `${round}.${position}#${number}`;
  const startedAt = '2026-01-01T00:00:00.000Z';
  const records: RunRecord[] = [
    { type: 'cell', cell, round, position, attempt: number, ...subject, startedAt },
    { type: 'warm-up', cell, compileSeconds: 1, firstStepSeconds: 1, steps: 3, seconds: 1, stepsPerBlock: 1 },
    { type: 'block', cell, index: 0, steps: 1, start: 0, seconds: 0.1 },
    { type: 'block', cell, index: 1, steps: 1, start: 0.1, seconds: 0.1 },
    { type: 'latency', cell, seconds: [0.1] },
    { type: 'cell-end', cell, peakMemoryBytes: null },
  ];
  return records.slice(0, written);
}

describe('the cells of a run that count', () => {
  it('are those that ended, each place of a round once, however often and wherever tries were cut off', () => {
    const cutOff = fc.integer({ min: 1, max: 5 });
    const triesOfPlace = fc.tuple(fc.array(cutOff, { maxLength: 3 }), fc.constantFrom(0, 1, 2));
    fc.assert(
      fc.property(fc.array(triesOfPlace, { minLength: 1, maxLength: 8 }), (places) => {
        const records = places.flatMap(([cuts, ends], index) => [
          ...cuts.flatMap((written, number) => attempt(1, index + 1, number + 1, written)),
          ...Array.from({ length: ends }, (_, number) =>
            attempt(1, index + 1, cuts.length + number + 1),
          ).flat(),
        ]);
        const cells = finishedCells(records);
        const expected = places.flatMap(([, ends], index) => (ends > 0 ? [index + 1] : []));
        expect(cells.map(({ start }) => start.position)).toEqual(expected);
        for (const { blocks, start } of cells) {
          expect(blocks.map(({ index }) => index)).toEqual([0, 1]);
          expect(blocks.every(({ cell }) => cell === start.cell)).toBe(true);
        }
      }),
    );
  });
});
