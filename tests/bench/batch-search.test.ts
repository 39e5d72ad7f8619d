import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powerOfTwoUpTo, searchBatch } from '../../src/bench/batch-search.ts';

/** A machine on which a step needs so much memory, and fails above the limit. */
function machine(fixed: number, perImage: number, limit: number) {
  return (batch: number) => {
    const peak = fixed + perImage * batch;
    return Promise.resolve(
      peak <= limit ? { peakMemoryBytes: peak } : { peakMemoryBytes: null, error: 'out of memory' },
    );
  };
}

describe('the search for the largest batch', () => {
  it('finds the wall to a multiple of eight, in few tries, and the line through smaller batches predicts it', async () => {
    const amounts = fc.record({
      fixed: fc.integer({ min: 1, max: 1e9 }),
      perImage: fc.integer({ min: 1e6, max: 1e9 }),
      images: fc.integer({ min: 1, max: 4000 }),
    });
    await fc.assert(
      fc.asyncProperty(amounts, async ({ fixed, perImage, images }) => {
        const limit = fixed + perImage * images;
        const found = await searchBatch(machine(fixed, perImage, limit), limit);
        const expected = images < 8 ? images : 8 * Math.floor(images / 8);
        expect(found).toMatchObject({ largest: expected, atLimit: true, limitBytes: limit });
        expect(found.advised).toBe(Math.max(1, Math.floor(0.9 * expected)));
        expect(found.tries.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(images + 1)) + 2);
        if (found.model) {
          expect(Math.abs(found.model.predictedLargest - images)).toBeLessThanOrEqual(1);
          expect(found.model.bytesPerImage).toBeCloseTo(perImage, -1);
        }
      }),
    );
  });

  it('says when not even one image fits, and when memory did not end it', async () => {
    expect(await searchBatch(machine(10, 1, 5), 5)).toMatchObject({
      largest: null,
      advised: null,
      model: null,
    });
    const endless = await searchBatch(machine(1, 1, 1e9), 1e9);
    expect(endless).toMatchObject({ largest: 4096, atLimit: false });
  });

  it('compares at powers of two', () => {
    expect([1, 2, 3, 57, 64, 100].map(powerOfTwoUpTo)).toEqual([1, 2, 2, 32, 64, 64]);
  });
});
