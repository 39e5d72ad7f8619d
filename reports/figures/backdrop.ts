/**
 * Speed against counted operations: what was imported behind what was measured here. Imported rows have no intervals
 * and come from other machines and batches, so they show a landscape, not a comparison.
 */
import type { TopLevelSpec } from 'vega-lite';
import type { BenchRow, Estimate, ImportedRow } from '../../src/results/schema.ts';
import { displayText } from '../tables/display-text.ts';
import { formatInterval, formatSi, significant, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut } from './panel.ts';

interface ImportedPoint {
  readonly row: ImportedRow;
  readonly macs: number;
}

interface MeasuredPoint {
  readonly variant: string;
  readonly macs: number;
  readonly throughput: Estimate;
}

interface BackdropData {
  readonly imported: readonly ImportedPoint[];
  readonly measured: readonly MeasuredPoint[];
  readonly mode: BenchRow['mode'];
}

/** Null when nothing that was imported for this mode can be placed. */
export function backdropFigure(
  rows: readonly BenchRow[],
  importedRows: readonly ImportedRow[],
  mode: BenchRow['mode'],
): Figure | null {
  const data: BackdropData = {
    imported: importedRows.flatMap((row) =>
      row.mode === mode && row.macs !== null ? [{ row, macs: row.macs }] : [],
    ),
    measured: rows.flatMap(({ variant, theory, throughput }) =>
      throughput === undefined
        ? []
        : [{ variant, macs: (theory.forwardFlops ?? theory.flops) / 2, throughput }],
    ),
    mode,
  };
  if (data.imported.length === 0) return null;
  const title = finding(data);
  const description =
    `Scatter plot of images per second against multiply-accumulates per image, both on logarithmic axes: ` +
    `${String(data.imported.length)} imported results without intervals, grey, and ${String(data.measured.length)} measured here.`;
  return {
    id: `backdrop-${mode}`,
    title,
    description,
    caption: caption(data),
    tables: [backdropTable(data)],
    spec: (style) => backdropSpec(data, { title, description }, style),
  };
}

/** Multiply-accumulates a second times two. */
function achieved(macs: number, imagesPerSecond: number): number {
  return 2 * macs * imagesPerSecond;
}

function finding({ imported }: BackdropData): string {
  const rates = imported.map(({ row, macs }) => achieved(macs, row.imagesPerSecond));
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  return imported.length === 1
    ? `The imported result: ${formatSi(most, 'FLOP/s')} of counted operations`
    : `Imported results spread from ${formatSi(least, 'FLOP/s')} to ${formatSi(most, 'FLOP/s')} of counted operations`;
}

function caption({ imported, mode }: BackdropData): string {
  const settings = [...new Set(imported.map(({ row }) => row.setting))];
  const known = imported.filter(({ row }) => row.variant !== null).length;
  return [
    `Grey: imported, no interval, ${mode}, from other machines (${settings.map((setting) => displayText(setting)).join('; ')}); batches differ from row to row.`,
    'Dark: measured here, with 95 % intervals.',
    `Operations are ecfx’s count for the ${String(known)} imported networks that it has, and the other tool’s for the rest.`,
  ].join(' ');
}

function backdropTable({ imported, measured }: BackdropData): Table {
  const text = (value: string) => ({ text: displayText(value), value });
  return {
    caption: 'Imported results and those measured here',
    columns: [
      { header: 'network', key: 'network', align: 'left' },
      { header: 'from', key: 'origin', align: 'left' },
      { header: 'setting', key: 'setting', align: 'left' },
      { header: 'batch', key: 'batch', align: 'right' },
      { header: 'MACs', unit: 'G', key: 'macs', align: 'right' },
      { header: 'images', unit: 'img/s', key: 'images_per_second', align: 'right' },
    ],
    rows: [
      ...measured.map(({ variant, macs, throughput }) => ({
        cells: [
          { text: variantLabel(variant), value: variant },
          text('measured here'),
          { text: unknown, value: null },
          { text: unknown, value: null },
          { text: significant(macs / 1e9), value: macs },
          { text: formatInterval(throughput), value: throughput.estimate },
        ],
      })),
      ...imported.map(({ row, macs }) => ({
        cells: [
          text(row.network),
          text('imported, no interval'),
          text(row.setting),
          { text: String(row.batch ?? unknown), value: row.batch },
          { text: significant(macs / 1e9), value: macs },
          { text: significant(row.imagesPerSecond), value: row.imagesPerSecond },
        ],
      })),
    ],
    notes: ['Imported rows were measured by others elsewhere; nothing here is a comparison with them.'],
  };
}

function backdropSpec(
  { imported, measured, mode }: BackdropData,
  words: { readonly title: string; readonly description: string },
  style: FigureStyle,
): TopLevelSpec {
  const { theme, layout, axes } = style;
  const size = layout === 'wide' ? { width: 900, height: 420 } : { width: 296, height: 330 };
  const tooltip = ['network', 'from', 'operations', 'speed'].map((field) => ({
    field,
    type: 'nominal' as const,
  }));
  const x = {
    field: 'x',
    type: 'quantitative',
    title: 'GMACs per image, counted',
    scale: { type: axes, nice: false },
    axis: { format: '~r', tickCount: 6, labelOverlap: true },
  } as const;
  const y = {
    field: 'y',
    type: 'quantitative',
    title: `images per second, ${mode}`,
    scale: { type: axes, nice: false },
    axis: { format: '~r', tickCount: 6, labelOverlap: true },
  } as const;
  const behind = imported.map(({ row, macs }) => ({
    x: macs / 1e9,
    y: row.imagesPerSecond,
    network: row.network,
    from: `imported, no interval: ${row.setting}`,
    operations: formatSi(macs, 'MAC'),
    speed: `${significant(row.imagesPerSecond)} img/s`,
  }));
  const front = measured.map(({ variant, macs, throughput }) => ({
    key: variant,
    x: macs / 1e9,
    y: throughput.estimate,
    low: throughput.low,
    high: throughput.high,
    network: variantLabel(variant),
    from: 'measured here',
    operations: formatSi(macs, 'MAC'),
    speed: `${formatInterval(throughput)} img/s`,
  }));
  return {
    ...topLevel(words, style),
    ...size,
    layer: [
      {
        data: { values: behind },
        mark: { type: 'point', filled: true, size: 18, opacity: 0.35, color: theme.muted },
        encoding: { x, y, tooltip },
      },
      {
        data: { values: front.filter(({ low }) => low !== null) },
        mark: { type: 'rule', strokeWidth: 2.5, strokeCap: 'round', color: theme.ink },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: front },
        mark: { type: 'point', filled: true, size: 95, color: theme.ink, stroke: theme.surface },
        encoding: { x, y, opacity: singledOut(), tooltip },
      },
      {
        data: { values: front },
        mark: { type: 'text', align: 'left', dx: 9, fontSize: 11.5, fontWeight: 600, color: theme.ink },
        encoding: { x, y, opacity: singledOut(), text: { field: 'network' } },
      },
      {
        data: { values: [{ note: 'grey: imported, no interval' }] },
        mark: { type: 'text', align: 'right', fontSize: 11.5, color: theme.muted },
        encoding: { x: { value: size.width - 8 }, y: { value: 14 }, text: { field: 'note' } },
      },
    ],
  };
}
