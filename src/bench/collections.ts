import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { RunRecord } from '../results/schema.ts';

export type Collections = NonNullable<Extract<RunRecord, { type: 'block' }>['collections']>;

/** Notes when this process collects garbage, so that blocks that had to wait for it can be labelled. */
export class CollectionWatch {
  readonly #observer = new PerformanceObserver((list) => this.#entries.push(...list.getEntries()));
  #entries: PerformanceEntry[] = [];

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Collects now, off the clock, where node was started with `--expose-gc`; so the next block is less likely to. */
  collect(): void {
    globalThis.gc?.();
  }

  /** The collections between two readings of `performance.now`; undefined when there was none. */
  async between(start: number, end: number): Promise<Collections | undefined> {
    // Entries are handed over in a turn of the event loop after the collection's.
    await setImmediate();
    const entries = [...this.#entries, ...this.#observer.takeRecords()].filter(
      (entry) => entry.startTime < end && entry.startTime + entry.duration > start,
    );
    this.#entries = [];
    if (entries.length === 0) return undefined;
    const major = entries.filter(isMajor).length;
    const milliseconds = entries.reduce((sum, { duration }) => sum + duration, 0);
    return { minor: entries.length - major, major, seconds: milliseconds / 1000 };
  }

  stop(): void {
    this.#observer.disconnect();
  }
}

function isMajor(entry: PerformanceEntry): boolean {
  // Node adds it to what the standard has.
  const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail;
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR || kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL;
}
