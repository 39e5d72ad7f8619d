/** Files as ecfx wrote them before fields were added to their schemas stay readable, and fit for a report. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { resultFigures } from '../../reports/figures/result-figures.ts';
import { loadResult } from '../../src/bench/load-result.ts';
import { summarizeRun } from '../../src/bench/summarize.ts';
import { readRun } from '../../src/results/run-file.ts';
import { embedResult } from '../../src/results/embedded-result.ts';
import { benchResult } from '../../src/results/schema.ts';

const old = (name: string): string => fileURLToPath(new URL(`old/${name}`, import.meta.url));

test('ecfx.bench/1, with synthetic times', () => {
  const result = benchResult.parse(JSON.parse(readFileSync(old('bench-1.json'), 'utf8')));
  expect(result.rows).toHaveLength(7);
  const figures = resultFigures(result, { study: [], trainingCounts: new Map() });
  expect(figures.map(({ id }) => id)).toContain('speed-up-inference');
});

test('a page that carries its result as plain JSON, and one as it is written now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecfx-old-'));
  const result = benchResult.parse(JSON.parse(readFileSync(old('bench-1.json'), 'utf8')));
  const carried = {
    plain: `<script type="application/json" id="ecfx-result">${JSON.stringify(result)}</script>`,
    packed: embedResult(result),
  };
  for (const [name, element] of Object.entries(carried)) {
    const page = join(folder, `${name}.html`);
    writeFileSync(page, `<!doctype html>\n<body>${element}<script>1 < 2</script>`);
    expect(loadResult([page]), name).toEqual(result);
  }
  for (const [name, element] of [
    ['none', ''],
    ['broken', carried.packed.replace('H4s', 'H5s')],
    [
      'immense',
      carried.packed.replace(/>[^<]+/, `>${gzipSync(Buffer.alloc(2 ** 28 + 1)).toString('base64')}`),
    ],
  ] as const) {
    const page = join(folder, `${name}.html`);
    writeFileSync(page, element);
    expect(() => loadResult([page]), name).toThrow('holds no JSON of ecfx');
  }
  rmSync(folder, { recursive: true });
});

test('ecfx.run/1, with synthetic times', () => {
  const [row] = summarizeRun(readRun(old('run-1.jsonl'))).rows;
  expect(row?.rounds).toBe(2);
  expect(row?.stepSeconds?.estimate).toBeCloseTo(0.1005, 9);
});
