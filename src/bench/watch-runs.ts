import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { readRun, type Run } from '../results/run-file.ts';
import { runFiles } from './load-result.ts';
import { isGoingOn } from './run-state.ts';

/**
 * Milliseconds between looks. They cost next to nothing, and what is shown is best made while the process of the next
 * cell still starts and warms up, which is not timed.
 */
const pause = 250;

/**
 * Shows runs while they are measured: at once, and again when a cell has ended, until nobody measures any more or
 * `signal` is aborted. Throws `EcfxError` (input) when a run cannot be read.
 */
export async function watchRuns(
  paths: readonly string[],
  show: (runs: readonly Run[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    // Sizes first: what is appended while the files are read is looked at again.
    const files = runFiles(paths);
    const tails = files.map((file) => new Tail(file));
    const runs = files.map(readRun);
    const goesOn = () => !signal.aborted && runs.some(isGoingOn);
    if (!goesOn()) return;
    await show(runs);
    while (goesOn() && !tails.some((tail) => tail.hasNews())) await setTimeout(pause);
  }
}

/** The end of a run file from where it ended when it was first looked at. */
class Tail {
  readonly #path: string;
  #offset: number;

  constructor(path: string) {
    this.#path = path;
    this.#offset = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Whether a cell, or the run, has ended since. */
  hasNews(): boolean {
    const file = openSync(this.#path, 'r');
    try {
      const { size } = fstatSync(file);
      const text = Buffer.alloc(Math.max(0, size - this.#offset));
      readSync(file, text, 0, text.length, this.#offset);
      // Whole lines only: the rest is read again.
      const lines = text.subarray(0, text.lastIndexOf('\n') + 1);
      this.#offset = Math.min(size, this.#offset + lines.length);
      return lines.includes('"type":"cell-end"') || lines.includes('"type":"run-end"');
    } finally {
      closeSync(file);
    }
  }
}
