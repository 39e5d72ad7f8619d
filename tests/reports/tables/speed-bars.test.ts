import { expect, test } from 'vitest';
import { speedBars } from '../../../reports/tables/speed-bars.ts';
import { sampleBenchResult } from '../../support/sample-bench-result.ts';

test('one bar a measured variant, as long as its speed, within eighty columns', () => {
  const [title, ...lines] = speedBars(sampleBenchResult()).split('\n');
  expect(title).toContain('images per second, inference');
  expect(lines).toHaveLength(6);
  const lengths = lines.map((line) => line.match(/[█▒]/g)?.length ?? 0);
  expect(Math.max(...lengths)).toBe(36);
  expect(lengths.indexOf(36)).toBe(4);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('nothing where there is nothing to compare', () => {
  const result = sampleBenchResult();
  expect(speedBars({ ...result, rows: result.rows.slice(0, 1) })).toBe('');
});
