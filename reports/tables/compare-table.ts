import type { ComparedPair, CompareResult } from '../../src/bench/compare.ts';
import { settingFields } from '../../src/results/setting.ts';
import { describeSetting } from '../setting.ts';
import { variantLabel } from '../variant-label.ts';
import { formatInterval, formatShare, unknown } from './format.ts';
import type { Cell, Column, Table } from './table.ts';
import { outlierNote } from './verdict-notes.ts';
import { designSentence } from '../words/comparison.ts';

interface CompareColumn extends Column {
  readonly cell: (row: ComparedPair) => Cell;
}

const columns: readonly CompareColumn[] = [
  {
    header: 'variant',
    key: 'variant',
    align: 'left',
    cell: ({ b }) => ({ text: variantLabel(b.variant), value: b.variant }),
  },
  {
    header: 'against',
    key: 'against',
    align: 'left',
    only: 'values',
    cell: ({ a }) => ({ text: a.variant, value: a.variant }),
  },
  ...settingFields.map((field): CompareColumn => ({
    header: field,
    key: field,
    align: 'left',
    only: 'values',
    cell: ({ b }) => ({ text: String(b[field] ?? unknown), value: b[field] ?? null }),
  })),
  ...(['a', 'b'] as const).map((side): CompareColumn => ({
    header: side,
    unit: 'img/s',
    key: `${side}_images_per_second`,
    align: 'right',
    cell: (row) => ({ text: formatInterval(row[side].throughput), value: row[side].throughput.estimate }),
  })),
  {
    header: 'speed',
    unit: 'b / a',
    key: 'speed_ratio',
    align: 'right',
    cell: ({ comparison }) => ({ text: formatInterval(comparison), value: comparison.estimate }),
  },
  value('speed_ratio_low', ({ low }) => low),
  value('speed_ratio_high', ({ high }) => high),
  value('interval_method', ({ method }) => method),
  value('p', ({ p }) => p),
  value('p_holm', ({ pHolm }) => pHolm),
  {
    header: 'rounds',
    key: 'rounds',
    align: 'right',
    cell: ({ comparison: { rounds } }) => ({ text: String(rounds), value: rounds }),
  },
  {
    header: 'verdict',
    key: 'verdict',
    align: 'left',
    cell: ({ comparison: { verdict } }) => ({ text: verdict, value: verdict }),
  },
  {
    header: 'differences',
    key: 'differences',
    align: 'left',
    only: 'values',
    cell: ({ differences }) => ({ text: differences.join('; '), value: differences.join('; ') }),
  },
];

/** One row a comparison: a, b, and how many times as fast b is. */
export function compareTable(result: CompareResult): Table {
  const { rows, design } = result;
  const [first] = rows;
  const settings = new Set(rows.map(({ b }) => describeSetting(b)));
  const isOne = settings.size === 1;
  const differs = (key: string) =>
    settingFields.some((field) => field === key && new Set(rows.map(({ b }) => b[field])).size > 1);
  return {
    caption: `b against a${isOne && first ? ` (${describeSetting(first.b)})` : ''}`,
    columns: columns.map(({ cell: _, only, ...column }) => ({
      ...column,
      ...(only === undefined || differs(column.key) ? {} : { only }),
    })),
    rows: rows.map((row) => ({
      cells: columns.map(({ cell }) => cell(row)),
      ...(row.differences.length > 0 && { note: `unlike: ${row.differences.join('; ')}` }),
    })),
    notes: [
      `a: ${result.a.path}, ${result.a.startedAt}. b: ${result.b.path}, ${result.b.startedAt}.`,
      designSentence(design),
      `Verdicts on b: more than ${formatShare(result.smallestEffect)} faster or slower with 95 % confidence, or equivalent ` +
        'within it; unproven where a run’s A/A control failed or is missing.',
      ...rows.flatMap(pairNotes),
    ],
  };
}

function pairNotes({ a, b, comparison, minimumDetectableEffect: effect }: ComparedPair): string[] {
  const notes = a.variant === b.variant ? [] : [`a is ${variantLabel(a.variant)}`];
  if (effect !== null) notes.push(`a difference of ${formatShare(effect)} would probably have got a verdict`);
  if (comparison.roundsToSettle !== null) {
    notes.push(`about ${comparison.roundsToSettle} rounds would probably settle it`);
  }
  if (comparison.outlierRounds.length > 0) {
    notes.push(outlierNote(comparison));
  }
  return notes.length === 0 ? [] : [`${variantLabel(b.variant)}, ${b.mode}: ${notes.join('; ')}.`];
}

function value(
  key: string,
  read: (comparison: ComparedPair['comparison']) => string | number | null,
): CompareColumn {
  return {
    header: key.replaceAll('_', ' '),
    key,
    align: 'right',
    only: 'values',
    cell: ({ comparison }) => ({ text: String(read(comparison) ?? unknown), value: read(comparison) }),
  };
}
