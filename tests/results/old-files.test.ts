/** Files as ecfx wrote them before fields were added to their schemas stay readable, and fit for a report. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { resultFigures } from '../../reports/figures/result-figures.ts';
import { summarizeRun } from '../../src/bench/summarize.ts';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult } from '../../src/results/schema.ts';

const old = (name: string): string => fileURLToPath(new URL(`old/${name}`, import.meta.url));

test('ecfx.bench/1, with synthetic times', () => {
  const result = benchResult.parse(JSON.parse(readFileSync(old('bench-1.json'), 'utf8')));
  expect(result.rows).toHaveLength(7);
  const figures = resultFigures(result, { study: [], trainingCounts: new Map() });
  expect(figures.map(({ id }) => id)).toContain('speed-up-inference');
});

test('ecfx.run/1, with synthetic times', () => {
  const [row] = summarizeRun(readRun(old('run-1.jsonl'))).rows;
  expect(row?.rounds).toBe(2);
  expect(row?.stepSeconds?.estimate).toBeCloseTo(0.1005, 9);
});
