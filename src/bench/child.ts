import { fork, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { EcfxError } from '../errors.ts';
import { packageFile } from '../package-root.ts';
import { describeDeath } from './describe-death.ts';
import { residentMemory } from './machine/memory.ts';
import { gigabytes } from './try-batch.ts';
import { cannotWrite, type WorkerTask } from './worker-task.ts';

export interface ChildOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes at which the child is ended. */
  readonly memoryLimitBytes: number;
}

/** How a child ended: with an answer or without, or dead. */
export type ChildEnd =
  | { readonly died: false; readonly answer: unknown }
  | {
      readonly died: true;
      readonly why: string;
      /** Whether somebody outside ended it, for what may be no fault of its own. */
      readonly killed: boolean;
    };

/** Between two looks at how much memory a child holds; a look takes some 30 µs of the parent. Milliseconds. */
const lookEvery = 100;

/**
 * Runs a worker to its end. It is ended when it holds more memory than it may, and ends by itself when this process dies.
 * Throws `EcfxError` (failure) when it could not write to the run file.
 */
export async function runChild(
  task: WorkerTask,
  { signal, memoryLimitBytes }: ChildOptions,
): Promise<ChildEnd> {
  const child = fork(packageFile('dist', 'src', 'bench', 'worker.js'), [JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--expose-gc'],
  });
  let isTooLarge = false;
  const watch = setInterval(() => {
    const held = child.pid === undefined ? null : residentMemory(child.pid);
    if (held === null || held <= memoryLimitBytes) return;
    isTooLarge = true;
    child.kill('SIGKILL');
  }, lookEvery);
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  let answer: unknown;
  child.on('message', (message) => {
    answer = message;
  });
  const lastWords = collectTail(child);
  try {
    return await new Promise<ChildEnd>((resolve, reject) => {
      child.once('error', (error) =>
        resolve({ died: true, why: `the worker did not start: ${error.message}`, killed: false }),
      );
      child.once('close', (code, killer) => {
        if (code === 0) resolve({ died: false, answer });
        else if (code === cannotWrite)
          reject(new EcfxError('failure', lastWords().trim(), { suggestions: adviceFor(task) }));
        else if (isTooLarge) resolve({ died: true, why: tooLarge(memoryLimitBytes), killed: false });
        else {
          const why = describeDeath('the worker', code, killer, lastWords());
          // Somebody outside may have done it, for what is no fault of the child's.
          resolve({ died: true, why, killed: killer === 'SIGKILL' || killer === 'SIGTERM' });
        }
      });
    });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}

function adviceFor(task: WorkerTask): string[] {
  if (task.kind !== 'cell') return [];
  return [`Make room and go on with: ecfx bench --resume ${dirname(task.cell.runFile)}`];
}

function tooLarge(limit: number): string {
  return `out of memory: the worker held more than the ${gigabytes(limit)} that it may, and was ended`;
}

/** Keeps the end of what a process writes to stderr. */
function collectTail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  return () => text;
}
