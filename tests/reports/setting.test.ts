import { expect, test } from 'vitest';
import { rowNames } from '../../reports/setting.ts';
import { sampleBenchResult, sampleFullResult } from '../support/sample-bench-result.ts';

test('rows are named by what tells them apart, and by no more', () => {
  const { rows } = sampleBenchResult();
  expect(rowNames(rows)(rows[1]!)).toBe('b0:gn4, inference');
  const several = sampleFullResult().rows;
  const names = several.map(rowNames(several));
  expect(new Set(names).size).toBe(several.length);
  expect(names[0]).toMatch(/^b0:gn4, training, onnxruntime, batch 16$/);
});
