import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/mathematics/random.ts';
import { finishedCells } from '../../src/results/cells.ts';
import { readRun } from '../../src/results/run-file.ts';
import { ecfx, projectRoot, suiteFolder } from '../support/cli.ts';

const rounds = 2;
const cellsPerRound = 2;
const blocksPerCell = 5;
const suite = suiteFolder();
const fresh = ['b0@32:w0.1,d0.1', '--quick', '--rounds', String(rounds), '--batch', '1', '--threads', '1'];

type Victims = 'worker' | 'parent' | 'both';

function start(args: readonly string[]): ChildProcess {
  const environment = { ...process.env, NODE_ENV: 'production' };
  return spawn(process.execPath, ['bin/ecfx.js', 'bench', ...args, '--quiet'], {
    cwd: projectRoot,
    env: environment,
    stdio: 'ignore',
  });
}

/** The processes that a process has started and that still run. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended by itself.
  }
}

async function ended(run: ChildProcess): Promise<void> {
  while (run.exitCode === null && run.signalCode === null) await setTimeout(20);
}

/** Orphans notice at their next block. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await setTimeout(20);
}

/** Runs a benchmark that is hit ten times, going on with it each time that it stopped; returns how often it was hit. */
async function runUnderFire(folder: string, victims: Victims): Promise<number> {
  const random = createRandom(7, victims);
  let run = start([...fresh, '--output', folder]);
  let hits = 0;
  while (hits < 10) {
    await Promise.race([setTimeout(200 + 1800 * random.uniform()), ended(run)]);
    const hasFile = existsSync(join(folder, 'run.jsonl'));
    if (hasFile) expect(() => readRun(folder)).not.toThrow();
    if (run.exitCode !== null) break;
    if (!hasFile) continue;
    const workers = childrenOf(run.pid!);
    if (victims !== 'parent') workers.forEach(kill);
    if (victims !== 'worker') {
      kill(run.pid!);
      await ended(run);
      await gone(workers);
      expect(() => readRun(folder)).not.toThrow();
      run = start(['--resume', folder]);
    }
    hits++;
  }
  await ended(run);
  return hits;
}

describe.skipIf(process.platform !== 'linux')('a run whose processes are killed at random moments', () => {
  it.concurrent.each<Victims>(['worker', 'parent', 'both'])(
    '%s: reads at all times, ends, and has every block once',
    async (victims) => {
      const folder = join(suite, victims);
      expect(await runUnderFire(folder, victims)).toBeGreaterThan(4);
      const { records } = readRun(folder);
      expect(records.at(-1)).toMatchObject({ type: 'run-end', status: 'complete' });
      const cells = finishedCells(records);
      const places = cells.map(({ start: { round, position } }) => `${round}.${position}`);
      expect(places).toHaveLength(rounds * cellsPerRound);
      expect(new Set(places).size).toBe(rounds * cellsPerRound);
      for (const { blocks, end } of cells) {
        // Whoever is killed at each try is a failure in the end; nothing is left out.
        if (end.error !== undefined) expect(end.error).toContain('SIGKILL');
        else
          expect(blocks.map(({ index }) => index)).toEqual(
            Array.from({ length: blocksPerCell }, (_, i) => i),
          );
      }
      // Resuming repeats nothing that was finished: each place has one cell with an end.
      const ends = records.filter(({ type }) => type === 'cell-end');
      expect(ends).toHaveLength(rounds * cellsPerRound);
      const again = await ecfx(['bench', '--resume', folder]);
      expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('is complete')]);
      expect(readRun(folder).records).toEqual(records);
    },
    240_000,
  );
});
