import type { FlopsResult, FlopsVariant, ImageCounts } from '../../src/analysis/flops.ts';
import { variantLabel } from '../variant-label.ts';
import { formatCount, formatRatio, inUnit, unknown } from './format.ts';
import type { Cell, Column, Row, Table } from './table.ts';

interface CountColumn extends Column {
  readonly cell: (counts: ImageCounts, first: ImageCounts | undefined) => Cell;
}

const conventionNote =
  'Per image, fp32. 1 MAC = 2 FLOPs: convolutions, dense layers, SE. “other” is everything else that is computed ' +
  '(norms, activations, pooling, sums); MB is what every operator reads and writes on its own.';

const columns: readonly CountColumn[] = [
  quantity('params', 'M', 'parameters', 1e6, ({ parameters }) => parameters),
  {
    header: 'buffers',
    key: 'buffers',
    align: 'right',
    only: 'values',
    cell: ({ buffers }) => ({ text: formatCount(buffers), value: buffers }),
  },
  quantity('MACs', 'M', 'macs', 1e6, ({ macs }) => macs, 4),
  {
    header: 'MACs',
    unit: 'vs 1st',
    key: 'macs_ratio',
    align: 'right',
    cell: ({ macs }, first) => {
      const ratio = first && first.macs > 0 ? macs / first.macs : null;
      return { text: formatRatio(ratio), value: ratio };
    },
  },
  quantity('FLOPs', 'G', 'flops', 1e9, ({ flops }) => flops),
  quantity(
    'other',
    'Mop',
    'other_operations',
    1e6,
    ({ arithmetic, transcendental }) => arithmetic + transcendental,
  ),
  { ...quantity('arithmetic', '', 'arithmetic', 1, ({ arithmetic }) => arithmetic), only: 'values' },
  {
    ...quantity('transcendental', '', 'transcendental', 1, ({ transcendental }) => transcendental),
    only: 'values',
  },
  quantity('activ.', 'M', 'activations', 1e6, ({ activations }) => activations),
  quantity('moved', 'MB', 'bytes', 1e6, ({ bytesRead, bytesWritten }) => bytesRead + bytesWritten),
  quantity('ops', '/byte', 'arithmetic_intensity', 1, ({ arithmeticIntensity }) => arithmeticIntensity),
];

/** Variants side by side, with ratios to the first. */
export function flopsTable(result: FlopsResult): Table {
  const [first] = result.variants;
  const names: Column[] = [
    { header: 'variant', key: 'variant', align: 'left' },
    { header: 'pixels', key: 'resolution', align: 'right', only: 'values' },
  ];
  return {
    caption: 'Counted cost of one image',
    columns: [...names, ...columns],
    rows: result.variants.map((variant) => ({
      cells: [
        { text: variantLabel(variant.variant), value: variant.variant },
        { text: String(variant.resolution), value: variant.resolution },
        ...columns.map(({ cell }) => cell(variant, first)),
      ],
    })),
    notes: [resolutionNote(result), conventionNote, ...perUpdateNote(result)],
  };
}

/** The parts of each variant (stages, blocks, layers or operators), with ratios to the same part of the first one. */
export function flopsGroupsTable(result: FlopsResult): Table {
  const [first] = result.variants;
  const several = result.variants.length > 1;
  const names: Column[] = [
    { header: 'variant', key: 'variant', align: 'left', ...(!several && { only: 'values' }) },
    { header: result.by, key: result.by, align: 'left' },
  ];
  const shown = columns.map(({ cell, ...column }): CountColumn => ({
    ...column,
    cell,
    // With one variant every ratio is 1.
    ...(!several && column.key === 'macs_ratio' && { only: 'values' }),
    ...(several && ['flops', 'activations'].includes(column.key) && { only: 'values' }),
  }));
  const rowsOf = (variant: FlopsVariant): Row[] =>
    (variant.groups ?? []).map((group) => ({
      cells: [
        { text: variantLabel(variant.variant), value: variant.variant },
        { text: group.group, value: group.group },
        ...shown.map(({ cell }) =>
          cell(
            group,
            first?.groups?.find((other) => other.group === group.group),
          ),
        ),
      ],
    }));
  return {
    caption: `Counted cost of one image by ${result.by}`,
    columns: [...names, ...shown],
    rows: result.variants.flatMap(rowsOf),
    notes: [resolutionNote(result), conventionNote, ...perUpdateNote(result)],
  };
}

/** The sizes of the images: the commonest once, the others by name. */
function resolutionNote({ variants }: FlopsResult): string {
  const resolutions = [...new Set(variants.map(({ resolution }) => resolution))];
  const at = (resolution: number) => variants.filter((variant) => variant.resolution === resolution);
  const [common, ...others] = resolutions.sort((a, b) => at(b).length - at(a).length);
  const exceptions = others.map(
    (resolution) =>
      `; ${at(resolution)
        .map(({ variant }) => variantLabel(variant))
        .join(', ')} at ${resolution}²`,
  );
  return `Images of ${common}² pixels${exceptions.join('')}.`;
}

function perUpdateNote({ variants }: FlopsResult): string[] {
  const costly = variants.filter(({ perUpdate }) => perUpdate.arithmetic + perUpdate.transcendental > 0);
  return costly.map(
    ({ variant, perUpdate }) =>
      `${variantLabel(variant)}: ${inUnit(perUpdate.arithmetic + perUpdate.transcendental, 1e6)} Mop of proxy statistics ` +
      'once per update of the parameters, not per image.',
  );
}

function quantity(
  header: string,
  unit: string,
  key: string,
  factor: number,
  value: (counts: ImageCounts) => number | null,
  digits = 3,
): CountColumn {
  return {
    header,
    ...(unit !== '' && { unit }),
    key,
    align: 'right',
    cell: (counts) => {
      const number = value(counts);
      return { text: number === null ? unknown : inUnit(number, factor, digits), value: number };
    },
  };
}
