import { describe, expect, test } from 'vitest';
import { benchTable } from '../../../reports/tables/bench-table.ts';
import { csvTable } from '../../../reports/tables/csv.ts';
import { terminalTable } from '../../../reports/tables/terminal.ts';
import { sampleBenchResult } from '../../support/sample-bench-result.ts';

describe('benchTable', () => {
  const result = sampleBenchResult();

  test('fits a terminal of 80 columns', () => {
    const lines = terminalTable(benchTable(result)).split('\n\n')[0]?.split('\n') ?? [];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 4)).toEqual([
      'variant               counted        speed           time  verdict    peak',
      '                         GMAC        img/s       × of 1st               MB',
      '────────────────────  ───────  ───────────  ─────────────  ─────────  ────',
      'b0                      0.386   85.2 ± 1.0           1.00  reference   403',
    ]);
  });

  test('a failed row shows its counts and its error', () => {
    const text = terminalTable(benchTable(result));
    expect(text).toMatch(/b7:gn4 +37\.7( +–){4}\n {2}failed: out of memory/);
  });

  test('has one row a variant, with the values of the result', () => {
    const { columns, rows } = benchTable(result);
    const value = (row: number, key: string) =>
      rows[row]?.cells[columns.findIndex((column) => column.key === key)]?.value;
    expect(rows).toHaveLength(result.rows.length);
    for (const [index, row] of result.rows.entries()) {
      expect(value(index, 'variant')).toBe(row.variant);
      expect(value(index, 'macs')).toBe(row.theory.macs);
      expect(value(index, 'images_per_second')).toBe(row.throughput?.estimate ?? null);
      expect(value(index, 'images_per_second_low')).toBe(row.throughput?.low ?? null);
      expect(value(index, 'peak_memory_bytes')).toBe(row.peakMemoryBytes);
      expect(value(index, 'error')).toBe(row.error ?? null);
    }
    expect(value(0, 'relative_time')).toBe(1);
  });

  test('shows as a column what differs between rows', () => {
    const other = result.rows.map((row) => ({ ...row, engine: 'tensorflow' }));
    const both = benchTable({ ...result, rows: [...result.rows, ...other] });
    expect(terminalTable(both).split('\n')[0]).toMatch(/^variant +engine +counted/);
    expect(terminalTable(benchTable(result)).split('\n')[0]).not.toContain('engine');
  });

  test('says when there is nothing to make an interval of', () => {
    expect(benchTable(sampleBenchResult({ rounds: 1 })).notes).toContain(
      'No intervals: they need more than one round.',
    );
  });

  test('every row of the CSV has every column', () => {
    const [header, ...lines] = csvTable(benchTable(result)).trimEnd().split('\r\n');
    const count = (line = ''): number => line.replaceAll(/"[^"]*"/g, '').split(',').length;
    expect(new Set(lines.map(count))).toEqual(new Set([count(header)]));
  });
});
