import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishedCells } from '../../src/results/cells.ts';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, projectRoot, temporaryFolder } from '../support/cli.ts';

const tiny = 'b0@32:w0.1,d0.1';
const quick = ['--quick', '--rounds', '1', '--batch', '2', '--threads', '1'];

describe('ecfx bench within limits', () => {
  it('stops with a clear message when it cannot write any more, keeps what it has, and goes on later', async () => {
    const folder = join(temporaryFolder(), 'run');
    // No file may grow beyond 8 KiB: the run's own reaches that in its first cells.
    const command = `ulimit -f 8; exec "${process.execPath}" bin/ecfx.js bench ${tiny} ${quick.join(' ')} -o "${folder}"`;
    const limited = spawnSync('bash', ['-c', command], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
    });
    expect(limited.status).toBe(1);
    const message = limited.stderr.replaceAll(/\s*\n\s*›?\s*/g, ' ');
    expect(message).toContain('may not grow any larger; what was written before is kept');
    expect(message).toContain('--resume');
    const { records, warnings } = readRun(folder);
    expect(warnings).toEqual([]);
    expect(records.length).toBeGreaterThan(0);
    const resumed = await ecfx(['bench', '--resume', folder]);
    expect(resumed.exitCode).toBe(0);
    expect(finishedCells(readRun(folder).records)).toHaveLength(2);
  });

  it('records training that diverges or does not fit into memory, each with its reason, and goes on with the others', async () => {
    const folder = join(temporaryFolder(), 'run');
    // Without norms two images a step are enough to throw it off within a few of them.
    const variants = ['b0@8:w0.1,d0.1', 'b0@32:none,w0.1,d0.1', 'b0@1024:w0.1,d0.1'];
    const flags = ['--quick', '--rounds', '1', '--batch', '2', '--threads', '1', '--memory', '300MB'];
    const training = ['--mode', 'training', '--output', folder];
    const result = benchResult.parse(await ecfxJson(['bench', ...variants, ...flags, ...training]));
    const [sound, diverged, tooLarge] = result.rows;
    expect(sound?.throughput).toBeDefined();
    expect([diverged?.throughput, diverged?.error]).toEqual([
      undefined,
      expect.stringMatching(/training diverged: the loss is not finite after the warm-up, [\d.]+ after/),
    ]);
    expect(tooLarge?.throughput).toBeUndefined();
    expect(tooLarge?.error).toMatch(/out of memory/);
    const table = await ecfx(['report', folder]);
    expect(table.stdout.replaceAll(/\s*\n\s*/g, ' ')).toContain('failed: training diverged');
  });

  it('finds the largest batch in processes of its own, within the memory that it is given', async () => {
    const folder = join(temporaryFolder(), 'run');
    const wide = 'b0@256:w0.1,d0.1';
    const flags = ['--quick', '--rounds', '1', '--threads', '1', '--batch', 'auto', '--memory', '300MB'];
    const result = benchResult.parse(await ecfxJson(['bench', wide, ...flags, '--output', folder]));
    const search = readRun(folder).records.find((record) => record.type === 'batch-search');
    expect(search).toMatchObject({ atLimit: true, limitBytes: 300e6 });
    const { advised } = search as { advised: number };
    expect(result.rows[0]?.batch).toBe(2 ** Math.floor(Math.log2(advised)));
    expect(result.rows[0]?.throughput).toBeDefined();
  });

  it('follows a list of batches up to the one that does not fit, in table, result and page', async () => {
    const folder = join(temporaryFolder(), 'run');
    const flags = ['--quick', '--rounds', '1', '--threads', '1', '--batch', '1,4,1024', '--memory', '300MB'];
    const shown = await ecfx(['bench', 'b0@256:w0.1,d0.1', ...flags, '--output', folder, '--html']);
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /1024 [\d.]+ – .*failed: out of memory: a step needs at least/,
    );
    const { rows } = benchResult.parse(await ecfxJson(['report', folder]));
    expect(rows.map(({ batch, throughput }) => [batch, throughput !== undefined])).toEqual([
      [1, true],
      [4, true],
      [1024, false],
    ]);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('does not fit at batch 1024');
    expect(page).toContain('crosses: does not fit into memory');
  });
});
