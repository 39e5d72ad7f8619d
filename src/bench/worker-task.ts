import type { Subject } from '../results/schema.ts';
import type { CellTask } from './time-cell.ts';

/** What a worker process is started for. A cell goes to the run file; the others answer by message. */
export type WorkerTask =
  | { readonly kind: 'cell'; readonly cell: CellTask }
  | { readonly kind: 'gate'; readonly subject: Subject; readonly seed: number }
  | {
      readonly kind: 'batch';
      readonly subject: Subject;
      readonly seed: number;
      readonly memoryLimitBytes: number;
    };

/** The exit code of a worker that could not write: the run ends, because nobody could write for the next one either. */
export const cannotWrite = 74;
