import { fork, type ChildProcess } from 'node:child_process';
import { packageFile } from '../package-root.ts';
import { appendRecord, readRun } from '../results/run-file.ts';
import type { RunHeader } from '../results/schema.ts';
import { describeDeath } from './describe-death.ts';
import { planCells, type Cell } from './plan.ts';
import type { CellTask } from './time-cell.ts';

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly type: 'cell-start'; readonly cell: Cell; readonly index: number; readonly total: number }
  | { readonly type: 'cell-end'; readonly cell: Cell; readonly index: number; readonly total: number };

export interface RunOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run: the cell that is being measured is given up, what it has written stays. */
  readonly signal?: AbortSignal;
}

/**
 * Measures every cell of a run whose file has been started, each in a fresh process, one after the other.
 * A cell that fails or dies is recorded with its reason, and the run goes on.
 */
export async function executeRun(
  runFile: string,
  header: RunHeader,
  { onEvent, signal }: RunOptions = {},
): Promise<'complete' | 'interrupted'> {
  const cells = planCells(header.subjects, header.protocol, header.seed);
  for (const [index, cell] of cells.entries()) {
    if (signal?.aborted) break;
    onEvent?.({ type: 'cell-start', cell, index, total: cells.length });
    const { key, round, position, subject } = cell;
    appendRecord(runFile, {
      type: 'cell',
      cell: key,
      round,
      position,
      ...subject,
      startedAt: new Date().toISOString(),
    });
    const death = await runWorker({ runFile, cell, protocol: header.protocol, seed: header.seed }, signal);
    if (signal?.aborted) break;
    if (death !== undefined && !hasEnded(runFile, key)) {
      appendRecord(runFile, { type: 'cell-end', cell: key, peakMemoryBytes: null, error: death });
    }
    onEvent?.({ type: 'cell-end', cell, index, total: cells.length });
  }
  const status = signal?.aborted ? 'interrupted' : 'complete';
  appendRecord(runFile, { type: 'run-end', status });
  return status;
}

/** Runs one worker to its end; resolves to undefined, or to how it died. */
async function runWorker(task: CellTask, signal: AbortSignal | undefined): Promise<string | undefined> {
  const worker = fork(packageFile('dist', 'src', 'bench', 'worker.js'), [JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  const stop = () => worker.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const lastWords = collectTail(worker);
  try {
    return await new Promise<string | undefined>((resolve) => {
      worker.once('error', (error) => resolve(`the worker did not start: ${error.message}`));
      worker.once('close', (code, killer) => {
        if (code === 0) resolve(undefined);
        else resolve(describeDeath('the worker', code, killer, lastWords()));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Keeps the end of what a process writes to stderr. */
function collectTail(worker: ChildProcess): () => string {
  let text = '';
  worker.stderr?.setEncoding('utf8');
  worker.stderr?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  return () => text;
}

function hasEnded(runFile: string, key: string): boolean {
  return readRun(runFile).records.some((record) => record.type === 'cell-end' && record.cell === key);
}
