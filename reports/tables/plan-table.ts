import type { PlanResult } from '../../src/bench/describe-plan.ts';
import type { Protocol } from '../../src/results/schema.ts';
import { variantLabel } from '../variant-label.ts';
import { formatSeconds, inUnit } from './format.ts';
import type { Table } from './table.ts';

/** What a run would do. */
export function planTable({ subjects, protocol, seed, shard, cells, guessedSeconds }: PlanResult): Table {
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
      `${protocol.rounds} rounds in random order (seed ${seed}), each with the first variant of a setting a second time ` +
        `as the control; a cell is a fresh process: warm-up until the times settle, ` +
        `${formatSeconds(protocol.warmUpSeconds)} at least, then ${protocol.blocksPerCell} blocks of at least ` +
        `${formatSeconds(protocol.minimumBlockSeconds)}.`,
      ...(shard ? [`Of these, shard ${shard.index} of ${shard.count} measures ${cells.length} cells.`] : []),
      ...openEnd(protocol),
      `About ${formatSeconds(guessedSeconds)} in all, guessed from the counted FLOPs; nothing was measured.`,
    ],
  };
}

/** What a budget or a precision adds to the rounds above. */
function openEnd({ budgetSeconds, precision }: Protocol): string[] {
  const ends = [
    ...(precision === undefined
      ? []
      : [`the 95 % intervals of all ratios are within ± ${inUnit(precision, 0.01)} %`]),
    ...(budgetSeconds === undefined ? [] : [`${formatSeconds(budgetSeconds)} are spent`]),
  ];
  if (ends.length === 0) return [];
  return [
    `These rounds are a pilot. It decides how many blocks a process times and how many rounds follow, until ` +
      `${ends.join(' or ')}.`,
  ];
}
