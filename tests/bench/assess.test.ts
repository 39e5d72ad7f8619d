import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recompute } from '../../src/bench/recompute.ts';
import { summarizeRun, summarizeRuns } from '../../src/bench/summarize.ts';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult, type BenchResult, type BenchRow, type BenchSetting } from '../../src/results/schema.ts';
import { suiteFolder } from '../support/cli.ts';
import { tinyNetworks, writeRun, type SyntheticRun } from '../support/run-folder.ts';

const suite = suiteFolder();
let count = 0;

const newRun = (options: SyntheticRun = {}) => readRun(writeRun(join(suite, String(count++)), options));

const summarize = (options: SyntheticRun = {}): BenchResult => summarizeRun(newRun(options));

describe('a result', () => {
  it('has a verdict for each row but the reference, a control and a smallest visible effect', () => {
    const result = summarize({ speedUp: 1.3 });
    expect(benchResult.parse(result)).toEqual(result);
    const [reference, faster] = result.rows;
    expect(reference?.speedUp).toBeUndefined();
    expect(faster?.speedUp).toMatchObject({
      reference: tinyNetworks[0],
      verdict: 'faster',
      rounds: 8,
      method: 't',
    });
    expect(faster?.speedUp?.low).toBeLessThan(1.3);
    expect(faster?.speedUp?.high).toBeGreaterThan(1.3);
    // All eight rounds on one side: two of 2⁸ arrangements are as extreme.
    expect(faster?.speedUp?.p).toBe(2 / 256);
    expect(result.settings).toHaveLength(1);
    expect(result.settings?.[0]).toMatchObject({
      reference: tinyNetworks[0],
      control: { passed: true, rounds: 8 },
    });
    expect(result.settings?.[0]?.minimumDetectableEffect).toBeGreaterThan(0.01);
    expect(result.settings?.[0]?.minimumDetectableEffect).toBeLessThan(0.03);
  });

  it.each([
    [{ speedUp: 0.8 }, 'slower'],
    [{ speedUp: 1.0005 }, 'equivalent'],
    [{ speedUp: 1.02, noise: 0.05 }, 'inconclusive'],
    [{ speedUp: 1.3, controlRatio: 1.1 }, 'unproven'],
    [{ speedUp: 1.3, hasControl: false }, 'unproven'],
    [{ speedUp: 1.3, rounds: 5 }, 'inconclusive'],
    [{ speedUp: 1.3, rounds: 12 }, 'faster'],
  ] as const)('%j: %s', (options, verdict) => {
    const { rows, warnings } = summarize(options);
    expect(rows[1]?.speedUp?.verdict).toBe(verdict);
    expect(warnings.some((warning) => warning.includes('screening'))).toBe(
      'rounds' in options && options.rounds < 6,
    );
    if (verdict === 'inconclusive') expect(rows[1]?.speedUp?.roundsToSettle).toBeGreaterThanOrEqual(6);
  });

  it('goes by ranks from ten rounds on', () => {
    expect(summarize({ rounds: 12 }).rows[1]?.speedUp?.method).toBe('signed-rank');
  });

  it('compares a network that ran alone at its batch by time per image, flagged', () => {
    const run = newRun({ speedUp: 1 });
    const alone = (variant: string) => (variant === tinyNetworks[1] ? { batch: 8 } : {});
    const result = summarizeRun({
      ...run,
      header: {
        ...run.header,
        subjects: run.header.subjects.map((each) => ({ ...each, ...alone(each.variant) })),
      },
      records: run.records.map((record) =>
        record.type === 'cell' ? { ...record, ...alone(record.variant) } : record,
      ),
    });
    expect(result.rows[1]?.speedUp).toMatchObject({ unequalBatch: true, reference: tinyNetworks[0] });
    // The same time for twice the images.
    expect(result.rows[1]?.speedUp?.estimate).toBeCloseTo(2, 1);
  });

  it('can be recomputed from its own samples, and a changed number is found', () => {
    const result = summarize({ speedUp: 1.2 });
    const { agrees, checks } = recompute(benchResult.parse(JSON.parse(JSON.stringify(result))), 'here');
    expect(agrees).toBe(true);
    expect(checks).toHaveLength(8);
    const [row] = structuredClone(result.rows).slice(1);
    row!.speedUp!.low! -= 1e-6;
    const changed = recompute({ ...result, rows: [result.rows[0]!, row!] }, 'here');
    expect(changed.checks.filter((check) => !check.agrees)).toMatchObject([
      { variant: tinyNetworks[1], quantity: 'speed-up', differs: ['low'] },
    ]);
  });

  it('is recomputed down to each word and number that follows from the samples', () => {
    const result = summarize({ speedUp: 1.2, latencySteps: 5 });
    expect(recompute(result, 'here').agrees).toBe(true);
    const disagreements = (change: (row: BenchRow, setting: BenchSetting) => void) => {
      const forged = structuredClone(result);
      change(forged.rows[1]!, forged.settings![0]!);
      return recompute(forged, 'here').checks.flatMap(({ quantity, differs }) =>
        differs.map((name) => `${quantity}: ${name}`),
      );
    };
    expect(disagreements(({ latency }) => (latency!.p95! *= 1.001))).toEqual([
      '95th percentile of single steps: estimate',
    ]);
    expect(disagreements(({ samples }) => samples[0]!.latencySeconds!.pop())).toContain(
      'median of single steps: steps',
    );
    expect(disagreements((row) => (row.rounds += 1))).toEqual(['seconds per step: rounds']);
    expect(disagreements(({ diagnostics }) => (diagnostics!.outlierBlocks.severe = 7))).toEqual([
      'seconds per step: diagnostics.outlierBlocks.severe',
    ]);
    expect(disagreements(({ speedUp }) => (speedUp!.verdict = 'slower'))).toEqual(['speed-up: verdict']);
    expect(disagreements(({ speedUp }) => speedUp!.outlierRounds.push(99))).toEqual([
      'speed-up: outlierRounds',
    ]);
    expect(disagreements((_, { control }) => (control!.p! /= 2))).toEqual(['A/A control: p']);
    expect(disagreements((_, setting) => (setting.minimumDetectableEffect! *= 2))).toEqual([
      'A/A control: minimumDetectableEffect',
    ]);
  });
});

describe('several runs', () => {
  it('pool their rounds where machine and setting agree, each round paired within its run', () => {
    const runs = [
      newRun({ speedUp: 1.3, startedAt: '2026-01-01T00:00:00Z' }),
      newRun({ speedUp: 1.3, speed: 0.2, startedAt: '2026-01-02T00:00:00Z' }),
    ];
    const merged = summarizeRuns(runs);
    expect(merged.rows).toHaveLength(2);
    expect(merged.rows.map(({ rounds }) => rounds)).toEqual([16, 16]);
    // One machine was five times slower; the ratio does not see it.
    expect(merged.rows[1]?.speedUp?.estimate).toBeCloseTo(1.3, 2);
    expect(merged.settings?.[0]?.control?.rounds).toBe(16);
    expect(new Set(merged.rows[0]?.samples.map(({ round }) => round)).size).toBe(16);
  });

  it('are the whole plan again when they are its shards', () => {
    const shards = [1, 2].map((index) =>
      newRun({
        speedUp: 1.1,
        rounds: 9,
        shard: { index, count: 2 },
        startedAt: `2026-01-0${index}T00:00:00Z`,
      }),
    );
    expect(summarizeRuns(shards).rows.map(({ rounds }) => rounds)).toEqual([9, 9]);
  });

  it('are kept apart, labelled, where the machine or a version differs', () => {
    const runs = [newRun(), newRun({ cpu: 'Another CPU' }), newRun({ versions: { ecfx: '0.2.0' } })];
    const merged = summarizeRuns(runs);
    expect(merged.rows.map(({ machine, rounds }) => [machine, rounds])).toEqual(
      ['A', 'B', 'C'].flatMap((label) => [
        [label, 8],
        [label, 8],
      ]),
    );
    expect(merged.machines?.map(({ label, machine }) => [label, machine.cpu])).toEqual([
      ['A', 'Synthetic CPU'],
      ['B', 'Another CPU'],
      ['C', 'Synthetic CPU'],
    ]);
    expect(merged.settings?.map(({ machine, control }) => [machine, control?.rounds])).toEqual([
      ['A', 8],
      ['B', 8],
      ['C', 8],
    ]);
    expect(benchResult.parse(merged)).toEqual(merged);
    expect(recompute(merged, 'here').agrees).toBe(true);
  });

  it('count once when they are one run named twice', () => {
    const run = newRun();
    const merged = summarizeRuns([run, run]);
    expect(merged.rows[0]?.rounds).toBe(8);
    expect(merged.warnings).toContain('A run that was named more than once counts once.');
  });
});
