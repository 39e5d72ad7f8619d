import type { FlopsResult } from '../../src/analysis/flops.ts';
import type { MemoryEstimate } from '../../src/analysis/memory.ts';
import { passes, type PassCounts } from '../../src/analysis/training-counts.ts';
import { variantLabel } from '../variant-label.ts';
import { formatCount, inUnit } from './format.ts';
import type { Cell, Column, Row, Table } from './table.ts';

const passTitles = {
  forward: 'forward',
  dataGradient: 'data gradient',
  weightGradient: 'weight gradient',
  optimizer: 'optimizer',
} as const;

const passColumns: (Column & { readonly value: (counts: PassCounts) => number; readonly factor: number })[] =
  [
    { header: 'MACs', unit: 'M', key: 'macs', align: 'right', factor: 1e6, value: ({ macs }) => macs },
    { header: 'FLOPs', unit: 'G', key: 'flops', align: 'right', factor: 1e9, value: ({ flops }) => flops },
    {
      header: 'other',
      unit: 'Mop',
      key: 'other_operations',
      align: 'right',
      factor: 1e6,
      value: ({ arithmetic, transcendental }) => arithmetic + transcendental,
    },
    {
      header: 'moved',
      unit: 'MB',
      key: 'bytes',
      align: 'right',
      factor: 1e6,
      value: ({ bytesRead, bytesWritten }) => bytesRead + bytesWritten,
    },
  ];

/** A training step per image, by pass. */
export function trainingTable({ variants, batch }: FlopsResult): Table {
  return {
    caption: 'Counted cost of training on one image',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'pass', key: 'pass', align: 'left' },
      ...passColumns,
    ],
    rows: variants.flatMap(({ variant, training }) => {
      if (!training) return [];
      const row = (pass: string, counts: PassCounts): Row => ({
        cells: [
          text(variantLabel(variant), variant),
          text(pass),
          ...passColumns.map(({ value, factor }) => number(value(counts), factor)),
        ],
      });
      return [
        ...passes.map((pass) => row(passTitles[pass], training.passes[pass])),
        row('all', training.total),
      ];
    }),
    notes: [
      `Per image at batch ${batch}; what is done once per step (the optimizer, proxy statistics) is shared out. The ` +
        'first convolution has no data gradient; groups do not multiply the weight gradient.',
    ],
  };
}

const memoryParts = [
  { header: 'params', key: 'parameters' },
  { header: 'state', key: 'optimizerState' },
  { header: 'grads', key: 'gradients' },
  { header: 'activ.', key: 'activations' },
  { header: 'inputs', key: 'inputs' },
  { header: 'peak', key: 'peak' },
  { header: 'saved', key: 'savedActivations' },
] as const satisfies { header: string; key: keyof MemoryEstimate }[];

/** Least memory of inference and training, and the largest batches that fit, where that was asked for. */
export function memoryTable({ variants, batch }: FlopsResult): Table {
  const isLimited = variants.some(({ largestBatch }) => largestBatch !== undefined);
  const columns: Column[] = [
    { header: 'variant', key: 'variant', align: 'left' },
    { header: 'mode', key: 'mode', align: 'left' },
    ...memoryParts.map(({ header, key }): Column => ({ header, unit: 'MB', key, align: 'right' })),
    ...(isLimited ? [{ header: 'fits', unit: 'batch', key: 'largest_batch', align: 'right' as const }] : []),
  ];
  return {
    caption: `Least memory at batch ${batch}`,
    columns,
    rows: variants.flatMap(({ variant, memory, training, largestBatch }) => {
      const row = (mode: 'inference' | 'training', estimate: MemoryEstimate): Row => ({
        cells: [
          text(variantLabel(variant), variant),
          text(mode),
          ...memoryParts.map(({ key }) => number(estimate[key], 1e6)),
          ...(largestBatch ? [{ text: formatCount(largestBatch[mode]), value: largestBatch[mode] }] : []),
        ],
      });
      return [
        ...(memory ? [row('inference', memory)] : []),
        ...(training ? [row('training', training.memory)] : []),
      ];
    }),
    notes: [
      'By liveness over the graph, fp32: every tensor from its computation to its last use, state updated in place. ' +
        'An engine needs more. “saved” is what the backward pass needs of the forward one.',
    ],
  };
}

function text(shown: string, value: string = shown): Cell {
  return { text: shown, value };
}

function number(value: number, factor: number): Cell {
  return { text: inUnit(value, factor), value };
}
