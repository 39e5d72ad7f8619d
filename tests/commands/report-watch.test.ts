import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, suiteFolder, temporaryFolder } from '../support/cli.ts';
import { tinyNetworks, writeRun } from '../support/run-folder.ts';

const suite = suiteFolder();
const isWatched = (html: string) => html.includes('<meta http-equiv="refresh"');

/** Fifty rounds would take far longer than the test waits for. */
const endless = ['--quick', '--rounds', '50', '--batch', '1', '--threads', '1'];

describe('ecfx report --html --watch', () => {
  it('writes the page of a run again and again while it goes on, and ends with it', async () => {
    const folder = join(temporaryFolder(), 'run');
    const page = join(folder, 'report.html');
    const read = () => (existsSync(page) ? readFileSync(page, 'utf8') : '');
    let stop = (): void => undefined;
    let isMeasuring = false;
    const bench = ecfx(['bench', ...tinyNetworks, ...endless, '--output', folder], {
      onOutput(text, interrupt) {
        stop = interrupt;
        isMeasuring ||= text.includes(folder);
      },
    });
    await expect.poll(() => isMeasuring, { timeout: 120_000 }).toBe(true);

    const watching = ecfx(['report', folder, '--html', '--watch']);
    // Drawn once more after the first cell at least, from what is there so far.
    await expect
      .poll(read, { timeout: 120_000 })
      .toMatch(/Still being measured: [1-9]\d* of about 150 processes/);
    expect(isWatched(read())).toBe(true);

    const other = join(folder, 'other.html');
    const left = await ecfx(['report', folder, '--html', other, '--watch'], {
      onOutput(text, interrupt) {
        if (text.includes('Watching')) interrupt();
      },
    });
    expect([left.exitCode, left.stderr]).toEqual([130, expect.stringContaining('the run goes on')]);
    expect(left.stdout).toContain('b0@32:w0.25,d0.25');
    expect(isWatched(readFileSync(other, 'utf8'))).toBe(false);

    stop();
    expect((await bench).exitCode).toBe(130);
    const ended = await watching;
    expect([ended.exitCode, ended.stderr]).toEqual([0, expect.stringContaining(`Report: ${page}`)]);
    expect(isWatched(read())).toBe(false);
    const [shown, measured] = await Promise.all(
      [page, folder].map(async (path) => benchResult.parse(await ecfxJson(['report', path]))),
    );
    expect(shown?.status).toBe('interrupted');
    expect(shown?.rows.map(({ rounds }) => rounds)).toEqual(measured?.rows.map(({ rounds }) => rounds));
  });

  it('writes the page once where nobody measures', async () => {
    const folder = writeRun(join(suite, 'ended'));
    const run = await ecfx(['report', folder, '--html', '--watch']);
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('Nobody measures there')]);
    expect(isWatched(readFileSync(join(folder, 'report.html'), 'utf8'))).toBe(false);
  });

  it('needs a page to write, and a run', async () => {
    const folder = writeRun(join(suite, 'other'));
    expect((await ecfx(['report', folder, '--watch'])).exitCode).toBe(2);
    const page = join(suite, 'page.html');
    expect((await ecfx(['report', join(suite, 'x.json'), '--html', page, '--watch'])).exitCode).toBe(2);
  });
});
