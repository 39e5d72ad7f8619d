import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishedCells } from '../../src/results/cells.ts';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, suiteFolder } from '../support/cli.ts';

const suite = suiteFolder();
const tiny = ['b0@32:w0.1,d0.1', '--quick', '--batch', '1', '--threads', '1'];
/** A limit for what hangs; a busy machine may take long. */
const timeout = 300_000;

function placesOf(folder: string): string[] {
  return finishedCells(readRun(folder).records).map(
    ({ start: { round, position, control } }) => `${round}.${position}${control ? ' control' : ''}`,
  );
}

describe('how much ecfx bench measures', () => {
  it('ends with a precision that is easily reached, and says that it was', { timeout }, async () => {
    const folder = join(suite, 'within');
    await ecfxJson(['bench', ...tiny, '--within', '99%', '--output', folder]);
    const { records } = readRun(folder);
    expect(records.at(-1)).toEqual({ type: 'run-end', status: 'complete', reason: 'precision' });
    // The pilot is three rounds, of which no interval is trusted.
    expect(placesOf(folder).length).toBeGreaterThanOrEqual(8);
  });

  it('ends when its budget is spent', { timeout }, async () => {
    const folder = join(suite, 'budget');
    await ecfxJson(['bench', ...tiny, '--budget', '1s', '--output', folder]);
    const { records } = readRun(folder);
    expect(records.at(-1)).toEqual({ type: 'run-end', status: 'complete', reason: 'budget' });
    // There is always one round.
    expect(placesOf(folder)).toHaveLength(2);
  });

  it('shares the rounds of a plan among shards, whose runs are merged', { timeout }, async () => {
    const plan = [...tiny, '--rounds', '3'];
    const folders = ['first', 'second'].map((name) => join(suite, name));
    const slurm = { SLURM_ARRAY_TASK_ID: '1', SLURM_ARRAY_TASK_COUNT: '2', SLURM_ARRAY_TASK_MIN: '0' };
    await ecfxJson(['bench', ...plan, '--shard', '1/2', '--output', folders[0]!]);
    const second = await ecfx(['bench', ...plan, '--shard', 'auto', '--output', folders[1]!], { env: slurm });
    expect([second.exitCode, second.stderr]).toEqual([0, expect.any(String)]);
    const planned = (await ecfxJson(['bench', ...plan, '--plan'])) as {
      cells: { round: number; position: number }[];
    };
    const places = folders.flatMap(placesOf).map((place) => place.replace(' control', ''));
    expect(places.sort()).toEqual(planned.cells.map(({ round, position }) => `${round}.${position}`).sort());
    const merged = benchResult.parse(await ecfxJson(['report', ...folders]));
    expect(merged.rows).toHaveLength(1);
    expect(merged.rows[0]?.rounds).toBe(3);
    expect(merged.settings?.[0]?.control?.rounds).toBe(3);
  });
});
