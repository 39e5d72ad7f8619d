import { describe, expect, test } from 'vitest';
import { benchText } from '../../../reports/markdown/bench-text.ts';
import type { BenchResult } from '../../../src/results/schema.ts';
import { sampleBenchResult, sampleFullResult } from '../../support/sample-bench-result.ts';

const result = sampleBenchResult({ rounds: 8 });
/** What GitHub takes as a comment. */
const longestComment = 65_536;

describe('benchText', () => {
  const text = benchText(result);

  test('begins with who wins, by how much and how sure', () => {
    const [headline, setting, lead] = text.split('\n\n');
    expect(headline).toMatch(/^### b0@half:g16,e4,ln\+pn is the fastest here: 1\.7\d× the speed of b0$/);
    expect(setting).toBe('*inference, onnxruntime on cpu, fp32, batch 16, 2 threads*');
    expect(lead).toMatch(/beyond the noise of 8 rounds/);
  });

  test('has a verdict a variant, what is missing, a row a variant, and folds away the rest', () => {
    expect(text.match(/^- [▲▼=?·] /gm)).toHaveLength(5);
    expect(text).toMatch(/^> \[!NOTE\]$[^]*^> - SYNTHETIC SAMPLE/m);
    expect(text.match(/^\| b/gm)).toHaveLength(result.rows.length);
    expect(text).toContain('- b7:gn4: failed: out of memory');
    expect(text.match(/<details>\n<summary>.*<\/summary>\n\n/g)).toHaveLength(2);
    expect(text).toContain('- Processor: Synthetic CPU @&#8203; 2.50GHz (x64), 2 logical cores');
  });

  test('warns above everything else when rounds or controls are missing, and of that once', () => {
    const screening = benchText(sampleBenchResult({ rounds: 3 }));
    const warning = screening.indexOf('> [!WARNING]');
    expect(warning).toBeGreaterThan(0);
    expect(warning).toBeLessThan(screening.indexOf('| variant'));
    expect(screening.match(/screening/g)).toHaveLength(1);
    expect(screening.match(/a first look, too few rounds/g)).toHaveLength(5);
  });

  test('says the setting of each list where there are several', () => {
    const several = benchText(sampleFullResult());
    expect(several).toMatch(/^- \*\*.* is the fastest here.*\*\* \(.*tfjs-wasm.*\)\./m);
    expect(several).toMatch(/<summary>\d+ verdicts in words<\/summary>/);
  });

  test('takes names as they are', () => {
    const name = '`|</details> @octocat #1 <script>\n# title';
    const [first, ...others] = result.rows;
    const hostile: BenchResult = {
      ...result,
      warnings: [name],
      rows: [{ ...first!, variant: name }, ...others],
    };
    const written = benchText(hostile);
    expect(written).not.toMatch(/@octocat|[^\\]<script|^# title/m);
    expect(written.match(/<\/details>$/gm)).toHaveLength(2);
    for (const line of written.split('\n').filter((each) => each.startsWith('| ')))
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(10);
  });

  test('of 120 rows fits into a comment', () => {
    const [reference, ...others] = result.rows;
    const ratio = {
      estimate: 0.81,
      low: 0.79,
      high: 0.83,
      method: 't',
      p: 0.001,
      pHolm: 0.01,
      rounds: 8,
    } as const;
    const said = { verdict: 'slower', roundsToSettle: null, outlierRounds: [3] } as const;
    const speedUp = { ...ratio, ...said, outlierRounds: [3], reference: reference!.variant };
    const rows = Array.from({ length: 120 }, (_, index) => ({
      ...others[index % 4]!,
      speedUp,
      variant: `efficientnet-b${index % 8}@half:g16,e4,ln+pn,d${index}`,
    }));
    expect(benchText({ ...result, rows: [reference!, ...rows] }).length).toBeLessThan(longestComment);
  });

  test('nothing measured is a text too', () => {
    expect(benchText({ ...result, rows: [] })).toMatch(/^### Nothing was measured\n/);
  });
});
