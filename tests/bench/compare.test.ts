import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareResults, type Side } from '../../src/bench/compare.ts';
import { summarizeRun } from '../../src/bench/summarize.ts';
import { readRun } from '../../src/results/run-file.ts';
import { suiteFolder } from '../support/cli.ts';
import { tinyNetworks, writeRun, type SyntheticRun } from '../support/run-folder.ts';

const suite = suiteFolder();
let count = 0;

function side(options: SyntheticRun = {}): Side {
  const path = writeRun(join(suite, String(count++)), { startedAt: '2026-01-01T00:00:00Z', ...options });
  return { path, result: summarizeRun(readRun(path)) };
}

const base = side();

describe('compareResults', () => {
  it.each([
    [{ subject: { device: 'webgpu' } }, 'device (cpu and webgpu)'],
    [{ subject: { engine: 'tensorflow' } }, 'engine (onnxruntime and tensorflow)'],
    [{ subject: { precision: 'fp16' } }, 'precision (fp32 and fp16)'],
    [{ subject: { batch: 8 } }, 'UNEQUAL BATCH (4 and 8)'],
    [{ subject: { threads: 2 } }, 'threads (1 and 2)'],
    [{ cpu: 'Another CPU' }, 'machine'],
  ])('refuses %j, and flags it when forced', (options, difference) => {
    const other = side({ ...options, startedAt: '2026-01-02T00:00:00Z' });
    expect(() => compareResults(base, other)).toThrow(difference);
    const { rows } = compareResults(base, other, { force: true });
    expect(rows.map(({ differences }) => differences)).toEqual([[difference], [difference]]);
  });

  it('compares what has an equal where only a part has one', () => {
    const other = side({ startedAt: '2026-01-02T00:00:00Z' });
    const [first, second] = other.result.rows;
    const mixed = { ...other, result: { ...other.result, rows: [first!, { ...second!, batch: 8 }] } };
    expect(compareResults(base, mixed).rows.map(({ b }) => b.variant)).toEqual([tinyNetworks[0]]);
  });

  it('says that versions differ, and compares: that is often the question', () => {
    const other = side({ startedAt: '2026-01-02T00:00:00Z', versions: { ecfx: '0.2.0' } });
    expect(compareResults(base, other).warnings).toContain('Versions differ: ecfx 0.1.0 → 0.2.0.');
  });

  it('pairs by round only within one run', () => {
    const variants = tinyNetworks;
    expect(compareResults(base, base, { variants: [variants[0], variants[1]] }).design).toBe('paired');
    expect(compareResults(base, side({ startedAt: '2026-01-02T00:00:00Z' })).design).toBe('unpaired');
  });

  it('compares times per image where batches differ', () => {
    const twice = side({ subject: { batch: 8 }, startedAt: '2026-01-02T00:00:00Z', noise: 0.001 });
    const { rows } = compareResults(base, twice, { force: true });
    expect(rows[0]?.comparison.estimate).toBeGreaterThan(1.6);
  });
});
