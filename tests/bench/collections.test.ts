import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { CollectionWatch } from '../../src/bench/collections.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('CollectionWatch', () => {
  it('counts a collection in the block in which it was, and in no other', async () => {
    const watch = new CollectionWatch();
    const start = performance.now();
    collectGarbage();
    const end = performance.now();
    const inside = await watch.between(start, end);
    expect(inside?.major).toBeGreaterThanOrEqual(1);
    expect(inside?.seconds).toBeGreaterThan(0);
    expect(inside?.seconds).toBeLessThanOrEqual((end - start) / 1000 + 0.001);
    // The same collection is not found again.
    expect(await watch.between(start, end)).toBeUndefined();
    watch.stop();
  });

  it('leaves out what was before the block', async () => {
    const watch = new CollectionWatch();
    collectGarbage();
    await setTimeout(5);
    const start = performance.now();
    expect(await watch.between(start, start)).toBeUndefined();
    watch.stop();
  });
});
