import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchTable } from '../../reports/tables/bench-table.ts';
import { summarizeRun } from '../../src/bench/summarize.ts';
import { readRun } from '../../src/results/run-file.ts';
import { benchResult, type RunRecord } from '../../src/results/schema.ts';
import { suiteFolder } from '../support/cli.ts';
import { writeRun } from '../support/run-folder.ts';

const run = readRun(writeRun(join(suiteFolder(), 'run')));

test('a process is in the result with its warm-up, collections, single steps and what the machine did', () => {
  const start = run.records.find((record) => record.type === 'cell' && record.control === undefined);
  if (start?.type !== 'cell') throw new Error('The run has no cell.');
  const { cell } = start;
  const collections = { minor: 2, major: 1, seconds: 0.01 };
  const pressure = { cpu: 0, memory: 0, io: 0 };
  const unknown = { loadAverage: null, steal: null, throttledSeconds: null, thermalThrottles: null };
  const added: RunRecord[] = [
    {
      ...{ type: 'environment', cell, when: 'during', ...unknown, pressure },
      ...{ clockHertz: 2.5e9, temperatureCelsius: null, otherProcesses: 0.04 },
    },
    { type: 'latency', cell, seconds: [0.3, 0.1, 0.2] },
  ];
  const records = run.records.flatMap((record): RunRecord[] => {
    if (!('cell' in record) || record.cell !== cell) return [record];
    if (record.type === 'block' && record.index === 1) return [{ ...record, collections }];
    if (record.type !== 'cell') return [record];
    const times = { compileSeconds: 1, firstStepSeconds: 0.9, stepSeconds: [0.5, 0.4] };
    return [record, { type: 'warm-up', cell, ...times, steps: 4, seconds: 2, stepsPerBlock: 1 }, ...added];
  });
  const result = summarizeRun({ ...run, records });
  expect(benchResult.parse(result)).toEqual(result);
  const row = result.rows.find(({ variant }) => variant === start.variant);
  expect(row?.samples.find(({ round }) => round === start.round)).toMatchObject({
    position: start.position,
    warmUp: { firstStepSeconds: 0.9, stepSeconds: [0.5, 0.4] },
    collections: [{ block: 1, ...collections }],
    latencySeconds: [0.3, 0.1, 0.2],
    clockHertz: 2.5e9,
    otherProcesses: 0.04,
  });
  expect(row?.latency).toEqual({ steps: 3, median: 0.2 });
});

test('what a run did not record is absent, not zero', () => {
  const [row] = summarizeRun(run).rows;
  for (const sample of row!.samples)
    expect(Object.keys(sample).sort()).toEqual(['position', 'round', 'startedAt', 'stepSeconds']);
  expect(row).not.toHaveProperty('latency');
});

test('a loss that did not fall is told of the round that ended highest', () => {
  const training = readRun(
    writeRun(join(suiteFolder(), 'training'), { subject: { mode: 'training', optimizer: 'sgd' } }),
  );
  const withLosses = (last: (index: number) => number) => {
    const ends = training.records.filter(({ type }) => type === 'cell-end');
    const records = training.records.map((record) =>
      record.type === 'cell-end'
        ? { ...record, loss: { first: 7, last: last(ends.indexOf(record)) } }
        : record,
    );
    const result = summarizeRun({ ...training, records });
    return { loss: result.rows[0]!.loss, notes: benchTable(result).notes.join('\n') };
  };
  const fallen = withLosses(() => 1);
  expect(fallen.loss).toEqual({ first: 7, last: 1, fell: true });
  expect(fallen.notes).toContain('the loss went from 7.00 to 1.00');
  const exploded = withLosses((index) => (index < 6 ? 1e15 : 1));
  expect(exploded.loss).toEqual({ first: 7, last: 1e15, fell: false });
  expect(exploded.notes).toMatch(/the loss did not fall \(7\.00 at first, .* at last\)/);
});
