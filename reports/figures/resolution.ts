/**
 * Resolution: what fewer pixels save, in training (the size to train at) and in inference (the size to test at). The
 * study trains at half the pixels and tests at all of them.
 */
import type { BenchResult, BenchRow } from '../../src/results/schema.ts';
import { groupBySetting } from '../setting.ts';
import { formatInterval, formatRatio, inUnit } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { linearAxis, quantityAxis } from './axis.ts';
import { intervalLayer, lineLayer, pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { namedEnds } from './line-names.ts';
import type { Panel } from './panel.ts';
import { resolutionPoints, type ResolutionPoint } from './resolution-data.ts';
import { gridPanels, gridTable, resolutionGrid } from './resolution-grid.ts';
import { seriesStyles } from './series-style.ts';

type Mode = BenchRow['mode'];

const sizes = { training: 'the size to train at', inference: 'the size to test at' } as const;

/** Null when no network was measured at two resolutions in one setting. */
export function resolutionFigure({ rows }: BenchResult): Figure | null {
  const panels = (['training', 'inference'] as const).flatMap((mode) => {
    const points = groupBySetting(rows.filter((row) => row.mode === mode))
      .map(({ rows: own }) => resolutionPoints(own))
      .find((found) => found.length > 0);
    return points === undefined ? [] : [{ mode, points }];
  });
  if (panels.length === 0) return null;
  const pointsOf = (wanted: Mode) => panels.find(({ mode }) => mode === wanted)?.points ?? [];
  const grid = resolutionGrid(pointsOf('training'), pointsOf('inference'));
  const isPublished = grid.some(({ top1 }) => top1 !== null);
  const title = finding(panels[0]!);
  const description =
    `Line charts of images per second against the side of the image, for ${panels.map(({ mode }) => mode).join(' and ')}. ` +
    `Dotted lines are what the counted FLOPs promise. ${
      grid.length === 0 ? '' : 'Below them, the size to train at against the size to test at. '
    }The table below has the numbers.`;
  return {
    id: 'resolution',
    title,
    description,
    caption:
      `Solid: measured here, bars are 95 % intervals. Dotted: what the counted FLOPs promise, from the speed at the ` +
      `largest size. The study trains at about half the pixels and tests at all of them after a short fine-tuning.${
        isPublished
          ? ' Accuracies are those of the study, digitised: it published them at the network’s own size only.'
          : ''
      }`,
    tables: grid.length === 0 ? [resolutionTable(panels)] : [resolutionTable(panels), gridTable(grid)],
    spec: (style) => spec(panels, grid, { title, description }, style),
  };
}

interface PanelData {
  readonly mode: Mode;
  readonly points: readonly ResolutionPoint[];
}

function finding({ mode, points }: PanelData): string {
  const { network } = points[0]!;
  const own = points.filter((point) => point.network === network);
  const [small, large] = [own[0]!, own.at(-1)!];
  const sizesText = `${String(small.side)} instead of ${String(large.side)} pixels`;
  const gain = formatRatio(small.throughput.estimate / large.throughput.estimate);
  const promise = formatRatio(small.promised / large.throughput.estimate);
  const [before, after] = [large.row.accuracy, small.row.accuracy];
  const isKnown = mode === 'training' && before?.origin === 'digitised' && after?.origin === 'digitised';
  const price = isKnown ? ` for ${(before.top1 - after.top1).toFixed(2)} points of accuracy` : '';
  return `${sizesText} make ${mode} of ${variantLabel(network)} ${gain} as fast${price}; the FLOPs promise ${promise}`;
}

function spec(
  panels: readonly PanelData[],
  grid: ReturnType<typeof resolutionGrid>,
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const drawn = panels.map((panel) => linePanel(panel, panels.length, style));
  const grids = gridPanels(grid, style);
  const top = { ...topLevel(words, style), spacing: 34 };
  if (style.layout === 'narrow') return { ...top, vconcat: [...drawn, ...grids] };
  return grids.length === 0
    ? { ...top, hconcat: drawn }
    : {
        ...top,
        vconcat: [
          { hconcat: drawn, spacing: 34 },
          { hconcat: grids, spacing: 34 },
        ],
      };
}

function linePanel({ mode, points }: PanelData, count: number, style: FigureStyle): Panel {
  const width = style.layout === 'narrow' ? 296 : count > 1 ? 420 : 900;
  const frame: Frame = {
    width,
    height: style.layout === 'wide' ? 300 : 240,
    x: sideAxis(points, count > 1 || style.layout === 'narrow' ? 0.34 : 0.2),
    y: quantityAxis(
      style.axes,
      points.flatMap(({ promised, throughput: { estimate, low, high } }) => [
        promised,
        estimate,
        low ?? estimate,
        high ?? estimate,
      ]),
      0.08,
      0.08,
    ),
  };
  const titles = { x: `side of the image, pixels (${sizes[mode]})`, y: `images per second, ${mode}` };
  const styles = seriesStyles(
    points.map(({ network }) => network),
    style.theme,
  );
  const values = points.map(({ network, row, side, throughput, promised }) => ({
    key: row.variant,
    network,
    x: side,
    y: throughput.estimate,
    low: throughput.low,
    high: throughput.high,
    promised,
    colour: styles.get(network)?.colour ?? style.theme.ink,
    shape: styles.get(network)?.shape ?? 'circle',
    variant: variantLabel(row.variant),
    side: String(side),
    measured: `${formatInterval(throughput)} img/s`,
  }));
  // Lines are of networks, not of variants.
  const lines = values.map((value) => ({
    ...value,
    key: value.network,
    variant: variantLabel(value.network),
  }));
  const position = positionOf(frame, titles);
  return {
    title: { text: mode === 'training' ? 'Training' : 'Inference', subtitle: sizes[mode] },
    width: frame.width,
    height: frame.height,
    layer: [
      lineLayer(lines, positionOf(frame, titles, { y: 'promised' }), {
        strokeWidth: 1.5,
        opacity: 0.7,
        strokeDash: [2, 4],
      }),
      lineLayer(lines, position, { strokeWidth: 2, opacity: 0.9 }),
      intervalLayer(values, { ...positionOf(frame, titles, { y: 'low' }), y2: { field: 'high' } }),
      pointLayer(
        values,
        position,
        texts({ variant: 'variant', side: 'pixels', measured: 'measured' }),
        style,
      ),
      ...namedEnds(lines, frame, position, style),
    ],
  };
}

/** With the measured sides as its ticks. */
function sideAxis(points: readonly ResolutionPoint[], after: number) {
  const sides = [...new Set(points.map(({ side }) => side))];
  return { ...linearAxis(sides, 0.06, after), ticks: sides.sort((a, b) => a - b) };
}

function resolutionTable(panels: readonly PanelData[]): Table {
  return {
    caption: 'Throughput by resolution',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'mode', key: 'mode', align: 'left' },
      { header: 'side', unit: 'pixels', key: 'resolution', align: 'right' },
      { header: 'counted', unit: 'GMAC', key: 'macs', align: 'right' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'promised', unit: 'img/s', key: 'promised_images_per_second', align: 'right' },
    ],
    rows: panels.flatMap(({ mode, points }) =>
      points.map(({ row, side, throughput, promised }) => ({
        cells: [
          { text: variantLabel(row.variant), value: row.variant },
          { text: mode, value: mode },
          { text: String(side), value: side },
          { text: inUnit(row.theory.macs, 1e9), value: row.theory.macs },
          { text: formatInterval(throughput), value: throughput.estimate },
          { text: inUnit(promised, 1), value: promised },
        ],
      })),
    ),
    notes: [],
  };
}
