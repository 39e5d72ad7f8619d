import type { PlanResult } from '../../src/bench/describe-plan.ts';
import { variantLabel } from '../variant-label.ts';
import { formatSeconds } from './format.ts';
import type { Table } from './table.ts';

/** What a run would do. */
export function planTable({ subjects, protocol, seed, guessedSeconds }: PlanResult): Table {
  return {
    caption: 'Plan',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'engine', key: 'engine', align: 'left' },
      { header: 'device', key: 'device', align: 'left' },
      { header: 'mode', key: 'mode', align: 'left' },
      { header: 'batch', key: 'batch', align: 'right' },
      { header: 'threads', key: 'threads', align: 'right' },
      { header: 'cells', key: 'cells', align: 'right' },
      { header: 'a cell', key: 'guessed_cell_seconds', align: 'right' },
    ],
    rows: subjects.map((subject) => ({
      cells: [
        { text: variantLabel(subject.variant), value: subject.variant },
        { text: subject.engine, value: subject.engine },
        { text: subject.device, value: subject.device },
        { text: subject.mode, value: subject.mode },
        { text: String(subject.batch), value: subject.batch },
        { text: String(subject.threads), value: subject.threads },
        { text: String(protocol.rounds), value: protocol.rounds },
        { text: `~${formatSeconds(subject.guessedCellSeconds)}`, value: subject.guessedCellSeconds },
      ],
    })),
    notes: [
      `${protocol.rounds} rounds in random order (seed ${seed}); a cell is a fresh process: warm-up of at least ` +
        `${formatSeconds(protocol.warmUpSeconds)}, then ${protocol.blocksPerCell} blocks of at least ` +
        `${formatSeconds(protocol.minimumBlockSeconds)}.`,
      `About ${formatSeconds(guessedSeconds)} in all, guessed from the counted FLOPs; nothing was measured.`,
    ],
  };
}
