/** Parameters against throughput: whether a small network is a fast one. */
import { sampleRankCorrelation } from 'simple-statistics';
import type { BenchRow, Estimate } from '../../src/results/schema.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { formatCount, formatInterval, formatRatio, significant } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { familyLabel, variantLabel } from '../variant-label.ts';
import { quantityAxis } from './axis.ts';
import { intervalLayer, pixelOf, pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { placeLabels, pointObstacle } from './label-placement.ts';
import { labelLayers, labelRequest, type Label } from './panel.ts';
import { intervalExtent } from './interval-extent.ts';
import { seriesStyles } from './series-style.ts';

interface Point {
  readonly variant: string;
  readonly series: string;
  readonly parameters: number;
  readonly throughput: Estimate;
}

/** Of fewer, half of all orders have a rank correlation beyond 0.7 or nearly so by chance alone: of four, one in twelve is perfect. */
const fewestToRank = 6;

/** Null with fewer than two networks that differ in parameters. */
export function parametersFigure({ rows, setting }: SettingGroup): Figure | null {
  const points = rows.flatMap(({ variant, accuracy, theory, throughput }): Point[] =>
    throughput === undefined
      ? []
      : [
          {
            variant,
            series: accuracy?.series ?? familyLabel(variant),
            parameters: theory.parameters,
            throughput,
          },
        ],
  );
  if (new Set(points.map(({ parameters }) => parameters)).size < 2) return null;
  const title = finding(points);
  const description =
    `Scatter plot of ${String(points.length)} networks: number of parameters against images per second ` +
    `(${setting.mode}). The table below has the numbers.`;
  return {
    id: `parameters-${setting.mode}`,
    title,
    description,
    caption:
      `Parameters are counted; images per second are measured here (${describeSetting(setting)}). Bars are 95 % ` +
      'intervals. A parameter is used once per position of an image, so parameters alone say nothing about the work.',
    tables: [parametersTable(points)],
    spec: (style) => spec(points, setting.mode, { title, description }, style),
  };
}

function finding(points: readonly Point[]): string {
  const [few, many] = [
    points.reduce((least, point) => (point.parameters < least.parameters ? point : least)),
    points.reduce((most, point) => (point.parameters > most.parameters ? point : most)),
  ];
  if (points.length < 4) {
    return (
      `${variantLabel(many.variant)} has ${formatRatio(many.parameters / few.parameters)} the parameters of ` +
      `${variantLabel(few.variant)} and runs at ${formatRatio(many.throughput.estimate / few.throughput.estimate)} its speed`
    );
  }
  const correlation = sampleRankCorrelation(
    points.map(({ parameters }) => parameters),
    points.map(({ throughput }) => throughput.estimate),
  );
  const text = `rank correlation ${correlation.toFixed(2).replace('-', '−')}`;
  if (points.length < fewestToRank)
    return `${points.length} networks are too few to say whether parameters tell the speed (${text})`;
  if (correlation < -0.7) return `Networks with more parameters are slower here (${text})`;
  if (correlation > 0.7) return `Networks with more parameters are faster here (${text})`;
  return `Parameters do not say which network is fast here (${text})`;
}

function spec(
  points: readonly Point[],
  mode: BenchRow['mode'],
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const size = style.layout === 'wide' ? { width: 900, height: 340 } : { width: 296, height: 300 };
  const frame: Frame = {
    ...size,
    x: quantityAxis(
      style.axes,
      points.map(({ parameters }) => parameters / 1e6),
      0.12,
      0.16,
    ),
    y: quantityAxis(style.axes, intervalExtent(points.map(({ throughput }) => throughput)), 0.12, 0.12),
  };
  const styles = seriesStyles(
    points.map(({ series }) => series),
    style.theme,
  );
  const titles = { x: 'parameters, millions', y: `images per second, ${mode}` };
  const position = positionOf(frame, titles);
  const values = points.map(({ variant, series, parameters, throughput }) => ({
    key: variant,
    x: parameters / 1e6,
    y: throughput.estimate,
    low: throughput.low,
    high: throughput.high,
    colour: styles.get(series)?.colour ?? style.theme.ink,
    shape: styles.get(series)?.shape ?? 'circle',
    variant: variantLabel(variant),
    parameters: formatCount(parameters),
    measured: `${formatInterval(throughput)} img/s`,
  }));
  const places = values.map(({ x, y }) => pixelOf(frame, x, y));
  const look = { fontSize: 11, isBold: false };
  const offsets = placeLabels(
    values.map(({ variant }, index) => labelRequest(variant, places[index]!.x, places[index]!.y, look)),
    places.map(({ x, y }) => pointObstacle(x, y, 6)),
    frame,
  );
  const labels = values.map(({ key, x, y, variant }, index): Label => ({
    key,
    x,
    y,
    text: variant,
    ...offsets[index]!,
  }));
  return {
    ...topLevel(words, style),
    ...size,
    layer: [
      intervalLayer(values, { ...positionOf(frame, titles, { y: 'low' }), y2: { field: 'high' } }),
      pointLayer(
        values,
        position,
        texts({ variant: 'variant', parameters: 'parameters', measured: 'measured' }),
        style,
      ),
      ...labelLayers(labels, position, look, style.theme.ink, style),
    ],
  };
}

function parametersTable(points: readonly Point[]): Table {
  return {
    caption: 'Parameters and throughput',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'parameters', key: 'parameters', align: 'right' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'per million', unit: 'img/s', key: 'images_per_second_and_million', align: 'right' },
    ],
    rows: points.map(({ variant, parameters, throughput }) => ({
      cells: [
        { text: variantLabel(variant), value: variant },
        { text: formatCount(parameters), value: parameters },
        { text: formatInterval(throughput), value: throughput.estimate },
        {
          text: significant((throughput.estimate / parameters) * 1e6),
          value: (throughput.estimate / parameters) * 1e6,
        },
      ],
    })),
    notes: [],
  };
}
