/**
 * Entry point of a worker process: does what its argument says and ends.
 * A fresh process per cell keeps allocator state, autotuning and crashes of one cell away from the others.
 */
import { performance } from 'node:perf_hooks';
import { writeFileSync } from 'node:fs';
import type { RunRecord } from '../results/schema.ts';
import { appendRecord } from '../results/run-file.ts';
import { checkSubject } from './gate.ts';
import { timeCell, type CellOutcome, type CellTask } from './time-cell.ts';
import { tryBatch } from './try-batch.ts';
import { cannotWrite, type WorkerTask } from './worker-task.ts';

const task = JSON.parse(process.argv[2] ?? '') as WorkerTask;

// The parent died: nobody waits for the rest, and another run may go on with the file.
process.on('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);

preferAsVictim();
switch (task.kind) {
  case 'cell':
    await measure(task.cell);
    break;
  case 'gate':
    await reply(await checkSubject(task.subject, task.seed));
    break;
  case 'batch':
    await reply(await tryBatch(task));
    break;
}
process.exit(0);

async function measure(cell: CellTask): Promise<void> {
  let error: string | undefined;
  let outcome: CellOutcome = {};
  try {
    outcome = await timeCell(cell, (record) => write(cell, record));
  } catch (caught) {
    error = messageOf(caught);
  }
  write(cell, {
    type: 'cell-end',
    cell: cell.cell.key,
    // Linux, macOS and Windows: kilobytes.
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    ...outcome,
    // The clock starts with the process.
    seconds: performance.now() / 1000,
    ...(error !== undefined && { error }),
  });
}

function write({ runFile }: CellTask, record: RunRecord): void {
  if (!process.connected) process.exit(1);
  try {
    appendRecord(runFile, record);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(cannotWrite);
  }
}

function reply(message: object): Promise<void> {
  return new Promise((resolve) => {
    process.send!(message, () => resolve());
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** When memory runs out, the kernel should end this process, not the one that keeps the results. */
function preferAsVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed: nothing is lost but the preference.
  }
}
