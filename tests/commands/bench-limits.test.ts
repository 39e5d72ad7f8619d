import { spawnSync } from 'node:child_process';
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

  it('records training that does not fit into memory as a failed row, and goes on with the others', async () => {
    const folder = join(temporaryFolder(), 'run');
    const limits = [...quick, '--mode', 'training', '--memory', '700MB', '--output', folder];
    const result = benchResult.parse(await ecfxJson(['bench', tiny, 'b0@1024:w0.1,d0.1', ...limits]));
    expect(result.rows[0]?.throughput).toBeDefined();
    expect(result.rows[1]?.throughput).toBeUndefined();
    expect(result.rows[1]?.error).toMatch(/out of memory/);
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
});
