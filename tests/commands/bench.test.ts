import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/results/schema.ts';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, suiteFolder, temporaryFolder } from '../support/cli.ts';

const tiny = ['b0@32:w0.25,d0.25', 'b0@32:w0.25,d0.25,g4,gn4'];
const quick = ['--quick', '--rounds', '2', '--batch', '2', '--threads', '1'];
const suite = suiteFolder();

async function measure(
  name: string,
  extra: readonly string[] = [],
): Promise<{ folder: string; result: BenchResult }> {
  const folder = join(suite, name);
  const document = await ecfxJson(['bench', ...tiny, ...quick, '--output', folder, ...extra]);
  return { folder, result: benchResult.parse(document) };
}

const measured = measure('measured', ['--html']);

describe('ecfx bench', () => {
  it('prints one document with a row per variant, measured here', async () => {
    const { result } = await measured;
    expect(result.rows).toHaveLength(2);
    for (const [index, row] of result.rows.entries()) {
      expect(row).toMatchObject({
        variant: `efficientnet-${tiny[index]}`.replace('w0.25,d0.25,g4,gn4', 'g4,gn4,w0.25,d0.25'),
        mode: 'inference',
        engine: 'onnxruntime',
        device: 'cpu',
        precision: 'fp32',
        batch: 2,
        threads: 1,
        rounds: 2,
      });
      expect(row.error).toBeUndefined();
      const { throughput, stepSeconds, achievedFlops } = row;
      expect(throughput?.estimate).toBeCloseTo(2 / (stepSeconds?.estimate ?? NaN), 6);
      expect(throughput?.low).toBeLessThanOrEqual(throughput?.estimate ?? NaN);
      expect(throughput?.high).toBeGreaterThanOrEqual(throughput?.estimate ?? NaN);
      expect(achievedFlops?.estimate).toBeCloseTo((throughput?.estimate ?? NaN) * row.theory.flops, 0);
      expect(row.peakMemoryBytes).toBeGreaterThan(10e6);
      expect(row.samples.map(({ stepSeconds: blocks }) => blocks.length)).toEqual([5, 5]);
    }
    expect(result.versions).toHaveProperty('onnxruntime-node');
    expect(result.machine.logicalCores).toBe(os.availableParallelism());
    expect(result.command.slice(0, 3)).toEqual(['ecfx', 'bench', tiny[0]]);
  });

  it('keeps every block, of at least 50 ms, in the order of time, and runs every variant once a round', async () => {
    const { folder } = await measured;
    const records = readFileSync(join(folder, 'run.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[0]).toMatchObject({ type: 'run', schema: 'ecfx.run/1', seed: 1 });
    expect(records.at(-1)).toEqual({ type: 'run-end', status: 'complete', reason: 'rounds' });
    const cells = records.filter(({ type }) => type === 'cell');
    expect(cells.map(({ round }) => round)).toEqual([1, 1, 1, 2, 2, 2]);
    for (const round of [1, 2]) {
      const own = cells.filter((cell) => cell['round'] === round);
      expect(new Set(own.map(({ variant }) => variant)).size).toBe(2);
      const controls = own.filter(({ control }) => control === true);
      expect(controls.map(({ variant }) => variant)).toEqual(['efficientnet-b0@32:w0.25,d0.25']);
    }
    for (const { cell } of cells) {
      const blocks = records.filter((record) => record['type'] === 'block' && record['cell'] === cell);
      expect(blocks.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
      const starts = blocks.map(({ start }) => Number(start));
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
    }
  });

  it('writes the page beside the run', async () => {
    const { folder } = await measured;
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('shows the run again, as a table, CSV and Markdown', async () => {
    const { folder, result } = await measured;
    expect(await ecfxJson(['report', folder])).toEqual(result);
    const table = await ecfx(['report', folder]);
    expect(table.stdout).toContain('b0@32:w0.25,d0.25');
    expect(table.stderr).toContain('first look');
    const csv = await ecfx(['report', folder, '--csv']);
    const [header = '', row = ''] = csv.stdout.split(/\r?\n/);
    expect(header).toContain('images_per_second');
    expect(row).toContain(String(result.rows[0]?.throughput?.estimate));
    const markdown = await ecfx(['report', join(folder, 'run.jsonl'), '--markdown']);
    expect(markdown.stdout).toMatch(/^### .*\n[^]*^> - A first look[^]*^\| variant/m);
  });

  it('says what it would do, and measures nothing', async () => {
    const folder = temporaryFolder();
    const plan = (await ecfxJson(['bench', ...tiny, '--plan', '--output', join(folder, 'run')])) as {
      schema: string;
      cells: { round: number; variant: string }[];
      guessedSeconds: number;
    };
    expect(plan.schema).toBe('ecfx.plan/1');
    expect(plan.cells).toHaveLength(18);
    expect(plan.guessedSeconds).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });

  it('keeps and reports what was measured before Ctrl-C', async () => {
    const folder = join(temporaryFolder(), 'run');
    const file = join(folder, 'run.jsonl');
    const finishedCells = () => readFileSync(file, 'utf8').split('"type":"cell-end"').length - 1;
    // Fifty rounds would take far longer than the test waits for.
    const args = ['bench', ...tiny, '--quick', '--rounds', '50', '--batch', '2', '--threads', '1', '--csv'];
    const run = await ecfx([...args, '--output', folder], {
      onOutput(text, interrupt) {
        if (!text.includes(folder)) return;
        const watch = setInterval(() => {
          if (finishedCells() < 3) return;
          clearInterval(watch);
          interrupt();
        }, 100);
      },
    });
    expect(run.exitCode).toBe(130);
    expect(run.stderr).toContain('what was measured is kept');
    const result = benchResult.parse(await ecfxJson(['report', folder]));
    expect(result.status).toBe('interrupted');
    expect(result.rows.every(({ samples }) => samples.length > 0)).toBe(true);
    expect(run.stdout).toContain(String(result.rows[0]?.throughput?.estimate));
  });

  it('records a variant that cannot run as a failed row, and goes on with the others', async () => {
    const folder = join(temporaryFolder(), 'run');
    // A memory limit that one variant exceeds by far: its activations alone are larger.
    const limited = spawnSync(
      'bash',
      [
        '-c',
        `ulimit -v 4000000; exec "${process.execPath}" bin/ecfx.js bench ${tiny[0]} b0@2048 --quick --rounds 1 --batch 4 --threads 1 --json --output "${folder}"`,
      ],
      { encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
    );
    const result = benchResult.parse(JSON.parse(limited.stdout));
    expect(result.rows[0]?.throughput).toBeDefined();
    expect(result.rows[1]?.throughput).toBeUndefined();
    expect(result.rows[1]?.error).toBeTruthy();
    expect(limited.status).toBe(0);
  });

  it.each([
    [['--batch', '-1'], 2, '--batch'],
    [['--threads', '100000'], 2, 'threads were asked for'],
    [['--rounds', '0'], 2, '--rounds'],
    [['b0:g7'], 2, 'do not divide'],
  ])('refuses %j before anything runs', async (args, exitCode, message) => {
    const folder = join(temporaryFolder(), 'run');
    const run = await ecfx(['bench', ...args, '--output', folder]);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toContain(message);
    expect(existsSync(folder)).toBe(false);
  });

  it('refuses places that cannot be written, before anything runs', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const inFile = await ecfx(['bench', ...tiny, ...quick, '--output', join(folder, 'file', 'run')]);
    expect([inFile.exitCode, inFile.stderr]).toEqual([3, expect.stringContaining('cannot make the folder')]);
    const page = await ecfx([
      'bench',
      ...tiny,
      ...quick,
      '--output',
      join(folder, 'run'),
      '--html',
      join(folder, 'file', 'x.html'),
    ]);
    expect([page.exitCode, page.stderr]).toEqual([3, expect.stringContaining('cannot write')]);
    expect(existsSync(join(folder, 'run'))).toBe(false);
    const { folder: taken } = await measured;
    const again = await ecfx(['bench', ...tiny, ...quick, '--output', taken]);
    expect([again.exitCode, again.stderr]).toEqual([3, expect.stringContaining('exists already')]);
  });
});

describe('ecfx report on damaged files', () => {
  async function copyOfRun(): Promise<string> {
    const { folder } = await measured;
    const copy = temporaryFolder();
    writeFileSync(join(copy, 'run.jsonl'), readFileSync(join(folder, 'run.jsonl')));
    return copy;
  }

  it('reads all but a last line that was cut off, and says so', async () => {
    const copy = await copyOfRun();
    const file = join(copy, 'run.jsonl');
    truncateSync(file, readFileSync(file).length - 20);
    const run = await ecfx(['report', copy]);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('cut off');
    expect(run.stdout).toContain('b0@32');
  });

  it.each([
    [
      'a line in the middle that is damaged',
      (text: string) => text.replace('"type":"block"', '"type":"blo'),
      'damaged',
    ],
    ['a newer schema', (text: string) => text.replace('ecfx.run/1', 'ecfx.run/2'), 'ecfx.run/2'],
    ['something else', () => '{"hello": "world"}\n', 'not a run'],
    ['a binary file', () => '\u0000\u0001\u0002\n\n', 'not a run'],
    ['an empty file', () => '', 'not a run'],
    [
      'nonsense in a field',
      (text: string) => text.replace(/"seconds":[\d.]+,/, '"seconds":"soon",'),
      'damaged',
    ],
  ])('refuses %s', async (_, damage, message) => {
    const copy = await copyOfRun();
    const file = join(copy, 'run.jsonl');
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    const run = await ecfx(['report', copy]);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr.replaceAll(/\s*\n\s*›?\s*/g, ' ')).toContain(message);
  });

  it('says what to do when there is no run', async () => {
    const empty = temporaryFolder();
    const none = await ecfx(['report'], { cwd: empty });
    expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('there is no run')]);
    const missing = await ecfx(['report', join(empty, 'nowhere')]);
    expect([missing.exitCode, missing.stderr]).toEqual([3, expect.stringContaining('no such file')]);
    mkdirSync(join(empty, 'folder'));
    appendFileSync(join(empty, 'folder', 'other.txt'), 'x');
    expect((await ecfx(['report', join(empty, 'folder')])).exitCode).toBe(3);
  });
});
