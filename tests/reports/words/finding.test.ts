import { describe, expect, test } from 'vitest';
import { cautions, findings } from '../../../reports/words/finding.ts';
import { missingEvidence } from '../../../reports/words/missing.ts';
import { sampleBenchResult } from '../../support/sample-bench-result.ts';

describe('findings', () => {
  test('names the fastest, its lead over the reference and what its FLOPs promise', () => {
    const [found] = findings(sampleBenchResult());
    expect(found?.headline).toMatch(/^b0@half:g16,e4,ln\+pn is the fastest here: 1\.7\d× the speed of b0$/);
    expect(found?.numbers.map(({ label }) => label)).toEqual([
      expect.stringMatching(/^the speed of b0 \(95 %: 1\.\d\d–1\.\d\d\)$/),
      'is what its FLOPs promise',
      'images per second, inference, batch 16',
      'ImageNet top-1 accuracy (digitised)',
    ]);
    expect(found?.sentences.join(' ')).toContain('beyond the noise of 5 rounds');
  });

  test('does not call a winner that the intervals do not show', () => {
    const result = sampleBenchResult();
    const [first] = result.rows;
    if (first === undefined) throw new Error('The sample has no rows.');
    const jittered = first.samples.map(({ round, stepSeconds }) => ({
      round,
      stepSeconds: stepSeconds.map((seconds) => seconds * (round % 2 === 0 ? 0.97 : 1.02)),
    }));
    const twin = { ...first, variant: 'twin', samples: jittered };
    const [found] = findings({ ...result, rows: [first, twin] });
    expect(found?.headline).toMatch(/too close to call$/);
    expect(found?.sentences.join(' ')).toContain('within the noise of 5 rounds');
  });

  test('one round: says that it cannot say how sure it is', () => {
    const result = sampleBenchResult({ rounds: 1 });
    expect(findings(result)[0]?.sentences.join(' ')).toContain('how sure that is cannot be said');
  });

  test('nothing measured, one variant', () => {
    const result = sampleBenchResult();
    const failed = result.rows.filter(({ error }) => error !== undefined);
    expect(findings({ ...result, rows: failed })[0]?.headline).toBe('Nothing was measured');
    expect(findings({ ...result, rows: [] })[0]?.headline).toBe('Nothing was measured');
    expect(findings({ ...result, rows: result.rows.slice(0, 1) })[0]).toMatchObject({
      headline: expect.stringMatching(/^b0 runs at 85\.2 ± 1\.0 images per second here$/) as string,
    });
  });
});

describe('cautions', () => {
  test('are the warnings of the run, and what failed', () => {
    expect(cautions(sampleBenchResult())).toEqual([
      'SYNTHETIC SAMPLE: these times were never measured.',
      'Failed, and so not in the figures: b7:gn4.',
    ]);
  });

  test('leave to the banner what stands there', () => {
    const result = sampleBenchResult();
    const rows = result.rows.map((row) => ({ ...row, rounds: Math.min(row.rounds, 3) }));
    const screening = 'A first look (screening) with 3 rounds: no verdicts; they need six rounds or more.';
    const short = {
      ...result,
      rows,
      warnings: [screening, 'The run is not complete: some cells are missing.'],
    };
    expect(missingEvidence(short)).toContain(screening);
    expect(cautions(short)).toEqual([
      'The run is not complete: some cells are missing.',
      'Failed, and so not in the figures: b7:gn4.',
    ]);
  });

  test('are none for a clean run', () => {
    const result = sampleBenchResult();
    const rows = result.rows.filter(({ error }) => error === undefined);
    expect(cautions({ ...result, rows, warnings: [] })).toEqual([]);
  });
});
