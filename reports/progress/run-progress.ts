import type { RunEvent } from '../../src/bench/run.ts';

/**
 * One line on a terminal that says which cell is being measured and how long the rest may take. It is drawn between
 * cells only, by the process that does not measure.
 */
export class RunProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  /** Seconds that each variant's cells took so far. */
  readonly #durations = new Map<string, number[]>();
  #cellStart = 0;

  constructor(stream: NodeJS.WriteStream, now = () => performance.now() / 1000) {
    this.#stream = stream;
    this.#now = now;
  }

  show(event: RunEvent): void {
    if (event.type === 'cell-start') {
      const { cell, done, ahead } = event;
      this.#cellStart = this.#now();
      const place = `${done + 1} of ${done + ahead.length}, round ${cell.round}`;
      const name = cell.control ? `${cell.subject.variant} (control)` : cell.subject.variant;
      this.#draw(`${place}: ${name}${this.#timeLeft(ahead.map(({ subject }) => subject.variant))}`);
    } else if (event.type === 'cell-end') {
      const { variant } = event.cell.subject;
      const durations = this.#durations.get(variant) ?? [];
      this.#durations.set(variant, [...durations, this.#now() - this.#cellStart]);
    } else if (event.type === 'gate') {
      this.#draw(`checked against the definitions: ${event.subject.variant}`);
    }
  }

  clear(): void {
    this.#draw('');
  }

  /** Cells of a variant that was not met yet are taken to last as long as the others on average. */
  #timeLeft(remaining: readonly string[]): string {
    const all = [...this.#durations.values()].flat();
    if (all.length === 0) return '';
    const overall = mean(all);
    const seconds = remaining.reduce((sum, variant) => {
      const own = this.#durations.get(variant);
      return sum + (own ? mean(own) : overall);
    }, 0);
    return seconds < 90
      ? `, about ${Math.ceil(seconds)} s left`
      : `, about ${Math.ceil(seconds / 60)} min left`;
  }

  #draw(text: string): void {
    const width = this.#stream.columns || 80;
    this.#stream.write(`\r\u001B[2K${text.slice(0, width - 1)}`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
