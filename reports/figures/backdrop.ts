/**
 * Speed against counted operations: what was imported behind what was measured here. Imported rows have no intervals
 * and come from other machines and batches, so they show a landscape, not a comparison.
 */
import type { TopLevelSpec } from 'vega-lite';
import type { BenchRow, Estimate, ImportedRow } from '../../src/results/schema.ts';
import { textWidth } from '../render/text-width.ts';
import { displayText } from '../tables/display-text.ts';
import { formatInterval, formatSi, significant, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { quantityAxis } from './axis.ts';
import { pixelOf, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { intervalExtent } from './interval-extent.ts';
import { labelBox, overlapArea, placeLabels, pointObstacle } from './label-placement.ts';
import { labelLayers, labelRequest, singledOut, type Label } from './panel.ts';

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
  const frame: Frame = {
    ...size,
    x: quantityAxis(
      axes,
      [...imported, ...measured].map(({ macs }) => macs / 1e9),
      0.08,
      0.14,
    ),
    y: quantityAxis(
      axes,
      [
        ...imported.map(({ row }) => row.imagesPerSecond),
        ...intervalExtent(measured.map(({ throughput }) => throughput)),
      ],
      0.08,
      0.12,
    ),
  };
  const titles = { x: 'GMACs per image, counted', y: `images per second, ${mode}` };
  const position = positionOf(frame, titles);
  const tooltip = texts({ network: 'network', from: 'from', operations: 'operations', speed: 'speed' });
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
  const note = { text: 'grey: imported, no interval', x: size.width - 8, y: 14 };
  const places = front.map(({ x, y }) => pixelOf(frame, x, y));
  const look = { fontSize: 11.5, isBold: true };
  const requests = front.map(({ network }, index) =>
    labelRequest(network, places[index]!.x, places[index]!.y, look),
  );
  const offsets = placeLabels(
    requests,
    [
      ...places.map(({ x, y }) => pointObstacle(x, y, 6)),
      {
        left: note.x - textWidth(note.text, look.fontSize, false),
        ...{ right: size.width, top: 0, bottom: 24, weight: 1 },
      },
    ],
    frame,
  );
  const boxes = requests.map((request, index) => labelBox(request, offsets[index]!));
  // On a telephone there may be no place left; tooltips and the table have all names.
  const isFree = (index: number) =>
    boxes.slice(0, index).every((box) => overlapArea(box, boxes[index]!) === 0);
  const labels = front.flatMap(({ key, x, y, network }, index): Label[] =>
    isFree(index) ? [{ ...{ key, x, y, text: network }, ...offsets[index]! }] : [],
  );
  return {
    ...topLevel(words, style),
    ...size,
    layer: [
      {
        data: { values: behind },
        mark: { type: 'point', filled: true, size: 18, opacity: 0.35, color: theme.muted },
        encoding: { ...position, tooltip },
      },
      {
        data: { values: front.filter(({ low }) => low !== null) },
        mark: { type: 'rule', strokeWidth: 2.5, strokeCap: 'round', color: theme.ink },
        encoding: {
          ...positionOf(frame, titles, { y: 'low' }),
          y2: { field: 'high' },
          opacity: singledOut(),
        },
      },
      {
        data: { values: front },
        mark: { type: 'point', filled: true, size: 95, color: theme.ink, stroke: theme.surface },
        encoding: { ...position, opacity: singledOut(), tooltip },
      },
      ...labelLayers(labels, position, look, theme.ink, style),
      {
        data: { values: [{ note: note.text }] },
        mark: { type: 'text', align: 'right', fontSize: look.fontSize, color: theme.muted },
        encoding: { x: { value: note.x }, y: { value: note.y }, text: { field: 'note' } },
      },
    ],
  };
}
