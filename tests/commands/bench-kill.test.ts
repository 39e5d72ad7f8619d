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

/** Kills that each kind of victim has to survive, over as many runs as it takes. */
const kills = 10;

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
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    // It has ended.
    return [];
  }
}

/** Whether the process was there to be killed. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function hasEnded(run: ChildProcess): boolean {
  return run.exitCode !== null || run.signalCode !== null;
}

async function ended(run: ChildProcess): Promise<void> {
  while (!hasEnded(run)) await setTimeout(20);
}

/** Orphans notice at their next block. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await setTimeout(20);
}

/** Hits a run `most` times at random moments, going on with it each time that it stopped; returns how often it was hit. */
async function runUnderFire(folder: string, victims: Victims, most: number): Promise<number> {
  const random = createRandom(7, folder.slice(suite.length));
  let run = start([...fresh, '--output', folder]);
  let hits = 0;
  while (hits < most) {
    // The file is there before the first worker is.
    while (!existsSync(join(folder, 'run.jsonl')) || (childrenOf(run.pid!).length === 0 && !hasEnded(run))) {
      if (hasEnded(run)) break;
      await setTimeout(20);
    }
    await Promise.race([setTimeout(1500 * random.uniform()), ended(run)]);
    expect(() => readRun(folder)).not.toThrow();
    if (hasEnded(run)) break;
    const workers = childrenOf(run.pid!);
    const areHit = victims === 'parent' ? [] : workers.map(kill);
    if (victims !== 'worker') {
      areHit.push(kill(run.pid!));
      await ended(run);
      await gone(workers);
      expect(() => readRun(folder)).not.toThrow();
      run = start(['--resume', folder]);
    }
    if (areHit.includes(true)) hits++;
  }
  await ended(run);
  return hits;
}

async function expectWhole(folder: string): Promise<void> {
  const { records } = readRun(folder);
  expect(records.at(-1)).toMatchObject({ type: 'run-end', status: 'complete' });
  const cells = finishedCells(records);
  // A subject whose check was killed at each try is given up at its first cell, and says so.
  const isBarred = records.some((record) => record.type === 'gate' && !record.passed);
  // One whose first two cells were killed at each try is given up, too.
  const isGivenUp = cells.length === 2 && cells.every(({ end }) => end.error !== undefined);
  const expected = isBarred ? 1 : isGivenUp ? 2 : rounds * cellsPerRound;
  const places = cells.map(({ start: { round, position } }) => `${round}.${position}`);
  expect(places).toHaveLength(expected);
  expect(new Set(places).size).toBe(expected);
  const indices = Array.from({ length: blocksPerCell }, (_, index) => index);
  for (const { blocks, end } of cells) {
    // Whoever is killed at each try is a failure in the end; nothing is left out.
    if (end.error !== undefined) expect(end.error).toMatch(/SIGKILL|numerical check/);
    else expect(blocks.map(({ index }) => index)).toEqual(indices);
  }
  // Resuming repeats nothing that was finished: each place has one cell with an end.
  expect(records.filter(({ type }) => type === 'cell-end')).toHaveLength(expected);
  const again = await ecfx(['bench', '--resume', folder]);
  expect(again.stderr).toContain('is complete');
  expect(readRun(folder).records).toEqual(records);
}

describe.skipIf(process.platform !== 'linux')('a run whose processes are killed at random moments', () => {
  it.concurrent.each<Victims>(['worker', 'parent', 'both'])(
    '%s, ten times: reads at all times, ends, and has every block once',
    async (victims) => {
      let hits = 0;
      for (let count = 1; hits < kills; count++) {
        const folder = join(suite, `${victims}-${count}`);
        hits += await runUnderFire(folder, victims, kills - hits);
        await expectWhole(folder);
      }
      expect(hits).toBe(kills);
    },
    600_000,
  );
});
