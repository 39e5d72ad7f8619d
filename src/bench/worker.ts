/**
 * Entry point of a worker process: measures the cell named in its argument and writes each record to the run file.
 * A fresh process per cell keeps allocator state, autotuning and crashes of one cell away from the others.
 */
import { writeFileSync } from 'node:fs';
import { appendRecord } from '../results/run-file.ts';
import { timeCell, type CellOutcome, type CellTask } from './time-cell.ts';

const task = JSON.parse(process.argv[2] ?? '') as CellTask;

// The parent died: nobody waits for the rest of this cell.
process.on('disconnect', () => process.exit(1));

preferAsVictim();
let error: string | undefined;
let outcome: CellOutcome = {};
try {
  outcome = await timeCell(task, (record) => appendRecord(task.runFile, record));
} catch (caught) {
  error = caught instanceof Error ? caught.message : String(caught);
}
appendRecord(task.runFile, {
  type: 'cell-end',
  cell: task.cell.key,
  // Linux, macOS and Windows: kilobytes.
  peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  ...outcome,
  ...(error !== undefined && { error }),
});
process.exit(0);

/** When memory runs out, the kernel should end this process, not the one that keeps the results. */
function preferAsVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed: nothing is lost but the preference.
  }
}
