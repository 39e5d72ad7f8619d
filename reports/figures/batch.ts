/** Throughput and memory against the batch, up to the batch that does not fit. */
import type { BenchResult, BenchRow, Estimate } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';
import { formatBytes, formatInterval, formatRatio, inUnit } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { familyLabel, variantLabel } from '../variant-label.ts';
import { linearAxis, logAxis, quantityAxis } from './axis.ts';
import { intervalLayer, lineLayer, pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { intervalExtent } from './interval-extent.ts';
import { namedEnds } from './line-names.ts';
import type { Layer, Panel } from './panel.ts';
import { seriesStyles } from './series-style.ts';

interface Point {
  readonly variant: string;
  readonly batch: number;
  readonly throughput: Estimate;
  readonly peak: number | null;
}

interface BatchData {
  readonly mode: BenchRow['mode'];
  readonly points: readonly Point[];
  /** Batches that failed for want of memory. */
  readonly walls: readonly { readonly variant: string; readonly batch: number }[];
  /** Bytes that a process may have; null when not known. */
  readonly limit: number | null;
}

/** One a mode: variants that ran at two or more batches on the same engine and device. */
export function batchFigures(result: BenchResult): Figure[] {
  return (['training', 'inference'] as const).flatMap((mode) => {
    const data = batchData(result, mode);
    return data === null ? [] : [batchFigure(data)];
  });
}

function batchData({ rows, machine, protocol }: BenchResult, mode: BenchRow['mode']): BatchData | null {
  const [first] = rows.filter((row) => row.mode === mode);
  if (first === undefined) return null;
  const own = rows.filter(
    (row) =>
      row.mode === mode &&
      row.engine === first.engine &&
      row.device === first.device &&
      row.threads === first.threads &&
      row.precision === first.precision,
  );
  const points = own.flatMap(({ variant, batch, throughput, peakMemoryBytes }): Point[] =>
    throughput === undefined ? [] : [{ variant, batch, throughput, peak: peakMemoryBytes }],
  );
  const batches = groupBy(points, ({ variant }) => variant);
  const several = points
    .filter(({ variant }) => new Set(batches.get(variant)?.map(({ batch }) => batch)).size > 1)
    .sort((a, b) => a.batch - b.batch);
  if (several.length === 0) return null;
  const walls = own.flatMap(({ variant, batch, error }) =>
    error !== undefined && /memory/i.test(error) ? [{ variant, batch }] : [],
  );
  return {
    mode,
    points: several,
    walls,
    limit: protocol.memoryLimitBytes ?? machine.memoryLimitBytes ?? machine.memoryBytes,
  };
}

function batchFigure(data: BatchData): Figure {
  const title = finding(data);
  const description =
    `Two line charts against the batch (${data.mode}): images per second, and peak memory. ` +
    `${String(data.walls.length)} batches did not fit. The table below has the numbers.`;
  return {
    id: `batch-${data.mode}`,
    title,
    description,
    caption:
      'Each point is a row of the result; bars are 95 % intervals. Crosses: batches that failed for want of memory. ' +
      'Dashed: the memory that a process may have.',
    tables: [batchTable(data)],
    spec: (style) => spec(data, { title, description }, style),
  };
}

/** Of the first variant: the smallest batch that has nearly all of the best throughput. */
function finding({ points }: BatchData): string {
  const { variant } = points[0]!;
  const own = points.filter((point) => point.variant === variant);
  const best = own.reduce((most, point) =>
    point.throughput.estimate > most.throughput.estimate ? point : most,
  );
  const enough = own.find(({ throughput }) => throughput.estimate >= 0.95 * best.throughput.estimate)!;
  const gain = formatRatio(best.throughput.estimate / own[0]!.throughput.estimate);
  return enough === own[0]
    ? `${variantLabel(variant)} gains nothing from batches larger than ${String(enough.batch)}`
    : `${variantLabel(variant)} needs batch ${String(enough.batch)} for 95 % of its best throughput, ${gain} that of batch ${String(own[0]!.batch)}`;
}

function spec(data: BatchData, words: { title: string; description: string }, style: FigureStyle) {
  const panels = [throughputPanel(data, style), memoryPanel(data, style)].filter((panel) => panel !== null);
  const top = { ...topLevel(words, style), spacing: 34 };
  return style.layout === 'wide' ? { ...top, hconcat: panels } : { ...top, vconcat: panels };
}

const xTitle = 'images per step';

function throughputPanel(data: BatchData, style: FigureStyle): Panel {
  const { points, walls, mode } = data;
  const frame: Frame = {
    ...panelSize(style),
    x: batchAxis(data, style),
    y: quantityAxis(style.axes, intervalExtent(points.map(({ throughput }) => throughput)), 0.1, 0.1),
  };
  const titles = { x: xTitle, y: `images per second, ${mode}` };
  const values = points.map((point) => ({
    ...datum(point, points, style),
    y: point.throughput.estimate,
    low: point.throughput.low,
    high: point.throughput.high,
  }));
  const last = (variant: string) => values.findLast(({ key }) => key === variant);
  const fallen = walls.flatMap(({ variant, batch }) => {
    const end = last(variant);
    return end === undefined
      ? []
      : [{ ...end, x: batch, batch: String(batch), measured: 'does not fit into memory' }];
  });
  const position = positionOf(frame, titles);
  return {
    title: {
      text: 'Throughput',
      subtitle: walls.length > 0 ? 'crosses: does not fit into memory' : 'higher is faster',
    },
    ...panelSize(style),
    layer: [
      lineLayer(values, position, { strokeWidth: 2, opacity: 0.9 }),
      intervalLayer(values, { ...positionOf(frame, titles, { y: 'low' }), y2: { field: 'high' } }),
      pointLayer(values, position, tooltip, style),
      wallLayer(fallen, frame, titles),
      ...namedEnds(values, frame, position, style),
    ],
  };
}

function memoryPanel(data: BatchData, style: FigureStyle): Panel | null {
  const known = data.points.flatMap((point) => (point.peak === null ? [] : [{ ...point, peak: point.peak }]));
  if (known.length === 0) return null;
  const highest = Math.max(...known.map(({ peak }) => peak));
  // A wall far above everything would flatten what is measured.
  const limit = data.limit !== null && data.limit < 4 * highest ? data.limit : null;
  const frame: Frame = {
    ...panelSize(style),
    x: batchAxis(data, style),
    y: linearAxis([0, highest / 1e6, ...(limit === null ? [] : [limit / 1e6])], 0, 0.12),
  };
  const position = positionOf(frame, { x: xTitle, y: 'peak memory, megabytes' });
  const values = known.map((point) => ({ ...datum(point, data.points, style), y: point.peak / 1e6 }));
  const wall: Layer[] =
    limit === null
      ? []
      : [
          {
            data: { values: [{ y: limit / 1e6 }] },
            mark: {
              type: 'rule',
              strokeDash: [6, 4],
              strokeWidth: 1.5,
              color: style.theme.ink,
              tooltip: null,
            },
            encoding: { y: { field: 'y', type: 'quantitative' } },
          },
        ];
  return {
    title: {
      text: 'Memory',
      subtitle: limit === null ? 'far from the limit' : 'dashed: what a process may have',
    },
    ...panelSize(style),
    layer: [
      lineLayer(values, position, { strokeWidth: 2, opacity: 0.9 }),
      ...wall,
      pointLayer(values, position, tooltip, style),
    ],
  };
}

function wallLayer(values: object[], frame: Frame, titles: { x: string; y: string }): Layer {
  return {
    data: { values },
    mark: { type: 'point', shape: 'cross', size: 130, angle: 45, strokeWidth: 2, filled: true },
    encoding: {
      ...positionOf(frame, titles),
      color: { field: 'colour', type: 'nominal', scale: null },
      tooltip,
    },
  };
}

function panelSize({ layout }: FigureStyle) {
  return layout === 'wide' ? { width: 420, height: 300 } : { width: 296, height: 240 };
}

function batchAxis({ points, walls }: BatchData, { layout }: FigureStyle) {
  const batches = [...points, ...walls].map(({ batch }) => batch);
  const axis = logAxis(batches, 0.06, layout === 'wide' ? 0.3 : 0.34);
  return { ...axis, ticks: [...new Set(batches)].sort((a, b) => a - b) };
}

function datum({ variant, batch, throughput, peak }: Point, all: readonly Point[], { theme }: FigureStyle) {
  const styles = seriesStyles(
    all.map((point) => point.variant),
    theme,
  );
  return {
    key: variant,
    x: batch,
    colour: styles.get(variant)?.colour ?? theme.ink,
    shape: styles.get(variant)?.shape ?? 'circle',
    variant: variantLabel(variant),
    batch: String(batch),
    measured: `${formatInterval(throughput)} img/s`,
    memory: formatBytes(peak),
  };
}

const tooltip = texts({ variant: 'variant', batch: 'batch', measured: 'measured', memory: 'peak memory' });

function batchTable({ points, walls, mode }: BatchData): Table {
  return {
    caption: `Throughput and memory by batch (${mode})`,
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'family', key: 'family', align: 'left', only: 'values' },
      { header: 'batch', key: 'batch', align: 'right' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'peak', unit: 'MB', key: 'peak_memory_bytes', align: 'right' },
    ],
    rows: points.map(({ variant, batch, throughput, peak }) => ({
      cells: [
        { text: variantLabel(variant), value: variant },
        { text: familyLabel(variant), value: familyLabel(variant) },
        { text: String(batch), value: batch },
        { text: formatInterval(throughput), value: throughput.estimate },
        { text: inUnit(peak, 1e6), value: peak },
      ],
    })),
    notes: walls.map(
      ({ variant, batch }) => `${variantLabel(variant)} does not fit at batch ${String(batch)}.`,
    ),
  };
}
