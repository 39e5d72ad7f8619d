import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, projectRoot, temporaryFolder } from '../support/cli.ts';

/**
 * Loaded into every process before the program: an ONNX Runtime that computes wrongly for one network and no numbers for
 * another, as a faulty driver or a bad build would.
 */
const brokenLibrary = `
  import { createRequire } from 'node:module';
  const { InferenceSession } = createRequire(${JSON.stringify(join(projectRoot, 'package.json'))})('onnxruntime-node');
  const task = process.argv[2] ?? '';
  const factor = task.includes(':ln,') ? 1.05 : task.includes(':none,') ? NaN : 1;
  const run = InferenceSession.prototype.run;
  InferenceSession.prototype.run = async function (...given) {
    const results = await run.apply(this, given);
    for (const { data } of Object.values(results))
      if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i] *= factor;
    return results;
  };`;

describe('ecfx bench, before it times anything', () => {
  it('refuses networks that come out wrong or as no numbers, with the reason, and times the others', async () => {
    const home = temporaryFolder();
    const preload = join(home, 'broken-library.mjs');
    writeFileSync(preload, brokenLibrary);
    const folder = join(home, 'run');
    const variants = ['b0@32:w0.1,d0.1', 'b0@32:ln,w0.1,d0.1', 'b0@32:none,w0.1,d0.1'];
    const run = await ecfx(
      ['bench', ...variants, '--quick', '--rounds', '1', '--batch', '2', '--output', folder, '--json'],
      { env: { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` } },
    );
    expect(run.exitCode).toBe(0);
    const { rows } = benchResult.parse(JSON.parse(run.stdout));
    const barred = 'not timed, because the numerical check failed: ';
    expect(rows.map(({ error }) => error)).toEqual([
      undefined,
      expect.stringMatching(
        `${barred}results differ from the definitions by 0\\.0\\d+ \\(0\\.005 is allowed\\)`,
      ),
      expect.stringMatching(`${barred}\\S+ is not finite$`),
    ]);
    expect(rows.map(({ throughput }) => throughput !== undefined)).toEqual([true, false, false]);
    const { records } = readRun(folder);
    const timed = records.filter(({ type }) => type === 'block' || type === 'warm-up');
    const sound = records.filter((record) => record.type === 'cell' && record.variant === rows[0]?.variant);
    expect(timed.length).toBeGreaterThan(0);
    expect(new Set(timed.map((record) => 'cell' in record && record.cell))).toEqual(
      new Set(sound.map((record) => 'cell' in record && record.cell)),
    );
  });
});
