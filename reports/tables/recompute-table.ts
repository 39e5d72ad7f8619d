import type { RecomputeCheck, RecomputeResult } from '../../src/bench/recompute.ts';
import type { Estimate } from '../../src/results/schema.ts';
import { variantLabel } from '../variant-label.ts';
import { formatInterval, unknown } from './format.ts';
import type { Cell, Table } from './table.ts';

/** For people; values stay in base units. */
const units: Readonly<Record<string, { readonly name: string; readonly factor: number }>> = {
  'seconds per step': { name: 'milliseconds per step', factor: 1e-3 },
  'median of single steps': { name: 'median of single steps, ms', factor: 1e-3 },
  '95th percentile of single steps': { name: '95th percentile of single steps, ms', factor: 1e-3 },
  '99th percentile of single steps': { name: '99th percentile of single steps, ms', factor: 1e-3 },
  'FLOP per second': { name: 'GFLOP per second', factor: 1e9 },
};

/** Every printed interval beside what its samples say. */
export function recomputeTable({ checks, source, agrees }: RecomputeResult): Table {
  const failed = checks.filter((check) => !check.agrees).length;
  return {
    caption: `Recomputed from the samples in ${source}`,
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'mode', key: 'mode', align: 'left', only: 'values' },
      { header: 'quantity', key: 'quantity', align: 'left' },
      { header: 'printed', key: 'printed', align: 'right' },
      { header: 'recomputed', key: 'recomputed', align: 'right', only: 'values' },
      { header: 'agrees', key: 'agrees', align: 'left' },
    ],
    rows: checks.map((check) => ({
      cells: [
        { text: variantLabel(check.variant), value: check.variant },
        { text: check.mode, value: check.mode },
        { text: units[check.quantity]?.name ?? check.quantity, value: check.quantity },
        show(check.printed, check.quantity),
        show(check.recomputed, check.quantity),
        { text: check.agrees ? 'yes' : 'NO', value: check.agrees ? 'yes' : 'no' },
      ],
      ...(!check.agrees && { note: disagreement(check) }),
    })),
    notes: [
      agrees
        ? `All ${checks.length} agree with the samples in ${source}.`
        : `${failed} of ${checks.length} do not agree with the samples in ${source}.`,
    ],
  };
}

function show(estimate: Estimate | null, quantity: string): Cell {
  return {
    text: estimate === null ? unknown : formatInterval(estimate, units[quantity]?.factor),
    value: estimate?.estimate ?? null,
  };
}

/** What the samples give instead, and what is said with it that they do not bear out. */
function disagreement({ recomputed, quantity, differs }: RecomputeCheck): string {
  const besides = differs.filter((name) => !['estimate', 'low', 'high'].includes(name));
  const ends = besides.length < differs.length ? [`the samples give ${show(recomputed, quantity).text}`] : [];
  return [...ends, ...(besides.length > 0 ? [`not as in the samples: ${besides.join(', ')}`] : [])].join(
    '; ',
  );
}
