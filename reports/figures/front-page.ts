/**
 * The front page of Making EfficientNet More Efficient (arXiv 2106.03640), with this machine in place of the authors':
 * accuracy against FLOPs on the left, accuracy against measured throughput on the right.
 */
import type { TopLevelSpec } from 'vega-lite';
import { paretoFront } from '../../src/analysis/pareto.ts';
import type { BenchRow, Estimate } from '../../src/results/schema.ts';
import { figureConfig } from '../render/theme.ts';
import { textWidth } from '../render/text-width.ts';
import { formatInterval, formatPercent, formatRatio, formatSi, significant } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { labelBox, lineObstacles, placeLabels, pointObstacle, spread } from './label-placement.ts';
import {
  labelLayers,
  labelRequest,
  type Label,
  type LabelLook,
  type Layer,
  type Panel,
  type Position,
  type Tooltip,
} from './panel.ts';
import { logAxis, logPosition, logValue, type LogAxis } from './log-axis.ts';
import { seriesStyles, type SeriesStyle } from './series-style.ts';

/** A network of the study, whether or not this run measured it. */
export interface StudyPoint {
  /** The authors' name of the curve: `G16-LN_PN-Half`. */
  readonly series: string;
  /** The place on the curve, in any case: `b0` … `b5`. */
  readonly size: string;
  /** ecfx's name. */
  readonly variant: string;
  /** Counted, per image: 2 × MACs. */
  readonly flops: number;
  /** Per cent. */
  readonly top1: number;
  /** Of `top1`, in percentage points. */
  readonly error: number;
}

export interface FrontPagePoint extends StudyPoint {
  readonly origin: 'digitised' | 'published' | 'imported';
  /** Images per second, measured here. */
  readonly throughput: Estimate;
}

export interface FrontPageData {
  readonly measured: readonly FrontPagePoint[];
  readonly study: readonly StudyPoint[];
  readonly mode: BenchRow['mode'];
}

const source =
  "the authors' figure (repository graphcore-research/making-efficientnet-more-efficient @ 874d392, img/front_page.png)";

/** Null when no measured network has a known accuracy: there would be nothing to draw on the right. */
export function frontPageFigure(data: FrontPageData): Figure | null {
  if (data.measured.length === 0) return null;
  return {
    id: `front-page-${data.mode}`,
    title: finding(data),
    description: describe(data),
    caption: caption(data),
    table: frontPageTable(data),
    spec: (style) => frontPageSpec(data, style),
  };
}

export function frontPageSpec(data: FrontPageData, style: FigureStyle): TopLevelSpec {
  const panels = [theoryPanel(data, style), practicePanel(data, style)];
  const shared = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: describe(data),
    config: figureConfig(style.theme),
    spacing: style.layout === 'wide' ? 34 : 28,
    ...(style.isTitled ? { title: { text: finding(data), fontSize: 15, offset: 18 } } : {}),
  };
  return style.layout === 'wide' ? { ...shared, hconcat: panels } : { ...shared, vconcat: panels };
}

/** Cheapest first, by what they cost in theory. */
function theoryFront<T extends StudyPoint>(points: readonly T[]): T[] {
  return paretoFront(points, [
    { value: ({ flops }) => flops, better: 'lower' },
    { value: ({ top1 }) => top1, better: 'higher' },
  ]).sort((a, b) => a.flops - b.flops || a.top1 - b.top1);
}

/** Fastest first. Fronts are of the estimates; intervals are drawn, not weighed. */
function practiceFront(points: readonly FrontPagePoint[]): FrontPagePoint[] {
  return paretoFront(points, [
    { value: ({ throughput }) => throughput.estimate, better: 'higher' },
    { value: ({ top1 }) => top1, better: 'higher' },
  ]).sort((a, b) => b.throughput.estimate - a.throughput.estimate || a.top1 - b.top1);
}

function finding({ measured }: FrontPageData): string {
  const inversion = strongestInversion(measured);
  if (inversion !== null) {
    const { dearer, cheaper } = inversion;
    const flops = formatRatio(dearer.flops / cheaper.flops);
    const speed = formatRatio(dearer.throughput.estimate / cheaper.throughput.estimate);
    return `${pointName(dearer)} needs ${flops} the FLOPs of ${pointName(cheaper)} and still runs at ${speed} its speed here`;
  }
  const theory = theoryFront(measured);
  const practice = practiceFront(measured);
  if (theory.length === practice.length && theory.every((point) => practice.includes(point))) {
    return `By FLOPs and by measured speed the best trade-offs are the same: ${listNames(theory)}`;
  }
  return `By FLOPs the best trade-offs are ${listNames(theory)}; by measured speed ${listNames(practice)}`;
}

/** The pair in which more FLOPs are faster beyond the intervals, and by most. */
function strongestInversion(
  points: readonly FrontPagePoint[],
): { dearer: FrontPagePoint; cheaper: FrontPagePoint } | null {
  let best: { dearer: FrontPagePoint; cheaper: FrontPagePoint; strength: number } | null = null;
  for (const dearer of points) {
    for (const cheaper of points) {
      const slowest = dearer.throughput.low;
      const fastest = cheaper.throughput.high;
      if (slowest === null || fastest === null || slowest <= fastest || dearer.flops <= cheaper.flops * 1.02)
        continue;
      // Only where nothing is lost in accuracy beyond the error of reading it.
      if (dearer.top1 < cheaper.top1 - dearer.error - cheaper.error) continue;
      const strength =
        (dearer.flops / cheaper.flops) * (dearer.throughput.estimate / cheaper.throughput.estimate);
      if (best === null || strength > best.strength) best = { dearer, cheaper, strength };
    }
  }
  return best;
}

function listNames(points: readonly StudyPoint[]): string {
  return points.length > 4 ? `${String(points.length)} variants` : points.map(pointName).join(', ');
}

function pointName({ series, size }: StudyPoint): string {
  return `${series} ${size.toUpperCase()}`;
}

function describe({ measured, study, mode }: FrontPageData): string {
  const theory = listNames(theoryFront(measured));
  const practice = listNames(practiceFront(measured));
  return (
    `Two scatter plots of ImageNet top-1 accuracy, ${String(measured.length)} networks measured in ${mode}. ` +
    `Left: against counted FLOPs, with ${String(study.length)} networks of the study behind them; ` +
    `of those measured, ${theory} are on the Pareto front. ` +
    `Right: against images per second measured here; ${practice} are on the front. The table below has the numbers.`
  );
}

function caption({ measured, study }: FrontPageData): string {
  const origins = new Set(measured.map(({ origin }) => origin));
  const accuracy = [
    study.length > 0 || origins.has('digitised')
      ? `Accuracy is digitised, not a printed figure: read off ${source}, error about ±0.02 percentage points, ±0.05 where markers cover each other.`
      : '',
    origins.has('published') ? 'Some accuracies are published figures.' : '',
    origins.has('imported') ? 'Some accuracies are imported from a file of the user.' : '',
  ];
  return [
    ...accuracy,
    'FLOPs are counted per image at the resolution of the variant: 2 × the MACs of convolutions and dense layers.',
    'Images per second are measured here; bars are 95 % intervals.',
    study.length > 0 ? 'Faint: all networks of the study; emphasised: those measured in this run.' : '',
    'The grey band joins the Pareto front: nothing shown is both more accurate and cheaper (left) or faster (right).',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function frontPageTable({ measured, mode }: FrontPageData): Table {
  const theory = new Set(theoryFront(measured));
  const practice = new Set(practiceFront(measured));
  const onFront = (isOn: boolean) => ({ text: isOn ? 'yes' : 'no', value: isOn ? 'yes' : 'no' });
  return {
    caption: `Accuracy, FLOPs and throughput (${mode})`,
    columns: [
      { header: 'network', key: 'network', align: 'left' },
      { header: 'top-1', unit: '%', key: 'top1_percent', align: 'right' },
      { header: 'error', unit: '± pp', key: 'top1_error', align: 'right' },
      { header: 'accuracy is', key: 'top1_origin', align: 'left' },
      { header: 'counted', unit: 'GFLOP', key: 'flops', align: 'right' },
      { header: 'measured', unit: 'img/s', key: 'images_per_second', align: 'right' },
      { header: 'front', unit: 'FLOPs', key: 'on_flops_front', align: 'left' },
      { header: 'front', unit: 'speed', key: 'on_speed_front', align: 'left' },
    ],
    rows: measured.map((point) => ({
      cells: [
        { text: pointName(point), value: point.variant },
        { text: point.top1.toFixed(2), value: point.top1 },
        { text: point.error.toFixed(2), value: point.error },
        { text: point.origin, value: point.origin },
        { text: significant(point.flops / 1e9), value: point.flops },
        { text: formatInterval(point.throughput), value: point.throughput.estimate },
        onFront(theory.has(point)),
        onFront(practice.has(point)),
      ],
    })),
    notes: ['Fronts are among the measured networks of this table.'],
  };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: LogAxis;
  readonly y: { readonly low: number; readonly high: number };
}

const measuredLabel: LabelLook = { fontSize: 11.5, isBold: true };
const studyLabel: LabelLook = { fontSize: 10.5, isBold: false };

function theoryPanel({ measured, study }: FrontPageData, style: FigureStyle): Panel {
  const { theme } = style;
  const everything: readonly StudyPoint[] = [...study, ...measured];
  const styles = seriesStyles(
    everything.map(({ series }) => series),
    theme,
  );
  const size = panelSize(style);
  const curves = [...bySeries(study).values()];
  // Room on the right for the names at the curves' ends.
  const longest = Math.max(
    0,
    ...curves.map((curve) => textWidth(curve[0]?.series ?? '', studyLabel.fontSize)),
  );
  const frame: Frame = {
    ...size,
    x: logAxis(
      everything.map(({ flops }) => flops / 1e9),
      0.06,
      (longest + 28) / size.width,
    ),
    y: linearExtent(everything.map(({ top1 }) => top1)),
  };
  const place = (point: StudyPoint) => pixel(frame, point.flops / 1e9, point.top1);
  const position = positionEncoding(frame, 'GFLOPs per image, counted');

  const studyValues = study.map((point) => ({ ...datum(point, styles), x: point.flops / 1e9 }));
  const measuredValues = measured.map((point) => ({ ...datum(point, styles), x: point.flops / 1e9 }));
  const front = theoryFront(everything).map((point, order) => ({
    x: point.flops / 1e9,
    y: point.top1,
    order,
  }));

  const known = new Set(study.map(({ series }) => series));
  const ends = curves.map((curve) => curve.at(-1)).filter((point) => point !== undefined);
  const topCurve = curves.toSorted((a, b) => (b.at(-1)?.top1 ?? 0) - (a.at(-1)?.top1 ?? 0))[0] ?? [];
  // The study's baseline is the same network as its fine-tuned self: the series tells them apart.
  const isMeasured = (point: StudyPoint) =>
    measured.some(({ variant, series }) => variant === point.variant && series === point.series);
  const obstacles = [
    ...everything.map((point) => pointObstacle(place(point).x, place(point).y, isMeasured(point) ? 6 : 3)),
    ...curves.flatMap((curve) => lineObstacles(curve.map(place))),
  ];
  const measuredLabels = measured.map((point) => ({
    point,
    text: known.has(point.series) ? point.size.toUpperCase() : pointName(point),
  }));
  const placedMeasured = placePoints(measuredLabels, place, measuredLabel, obstacles, frame);
  const names = curveNames(ends, place, frame);
  const sizes = topCurve
    .filter((point) => !isMeasured(point))
    .map((point) => ({ point, text: point.size.toUpperCase() }));
  const placedSizes = placePoints(sizes, place, studyLabel, [...obstacles, ...placedMeasured.boxes], frame);
  const studyLabels = [...names.labels, ...placedSizes.labels(asTheory)];

  return {
    title: { text: 'In theory', subtitle: 'further left is cheaper' },
    width: frame.width,
    height: frame.height,
    layer: [
      frontLayer(front, position, style),
      curveLayer(studyValues, position, { strokeWidth: 1.25, opacity: 0.45 }),
      leaderLayer(names.leaders, position, style),
      pointLayer(
        studyValues,
        position,
        { size: 22, filled: false, strokeWidth: 1.25, opacity: 0.55 },
        theoryTooltip,
      ),
      ...labelLayers(studyLabels, position, studyLabel, theme.muted, style),
      curveLayer(measuredValues, position, { strokeWidth: 2, opacity: 0.9 }),
      pointLayer(measuredValues, position, emphasis(style), theoryTooltip),
      ...labelLayers(placedMeasured.labels(asTheory), position, measuredLabel, theme.ink, style),
    ],
  };
}

function practicePanel({ measured, study, mode }: FrontPageData, style: FigureStyle): Panel {
  const { theme } = style;
  const styles = seriesStyles(
    [...study, ...measured].map(({ series }) => series),
    theme,
  );
  const size = panelSize(style);
  const curves = [...bySeries(measured).values()];
  const fastestFirst = practiceFront(measured);
  const extremes = measured.flatMap(({ throughput }) => [
    throughput.estimate,
    throughput.low ?? throughput.estimate,
    throughput.high ?? throughput.estimate,
  ]);
  const frame: Frame = {
    ...size,
    x: logAxis(extremes, 0.14, 0.14),
    // Its own accuracy axis: a run often measures one size only, which would be a thin strip of the study's range.
    y: linearExtent(measured.map(({ top1 }) => top1)),
  };
  const place = (point: FrontPagePoint) => pixel(frame, point.throughput.estimate, point.top1);
  const xTitle = `images per second, ${mode}, measured here`;
  const position = positionEncoding(frame, xTitle);
  const values = measured.map((point) => ({
    ...datum(point, styles),
    x: point.throughput.estimate,
    low: point.throughput.low,
    high: point.throughput.high,
    throughput: `${formatInterval(point.throughput)} img/s`,
  }));
  const front = fastestFirst.map((point, order) => ({ x: point.throughput.estimate, y: point.top1, order }));
  const obstacles = [
    ...measured.flatMap((point) => {
      const { low, high } = point.throughput;
      const { x, y } = place(point);
      const bar =
        low === null || high === null
          ? []
          : [
              {
                left: pixel(frame, low, point.top1).x,
                right: pixel(frame, high, point.top1).x,
                top: y - 2,
                bottom: y + 2,
              },
            ];
      return [pointObstacle(x, y, 6), ...bar];
    }),
    ...curves.flatMap((curve) => lineObstacles(curve.map(place))),
  ];
  const labels = curves.flatMap((curve) =>
    curve.map((point) => ({
      point,
      text: point === curve.at(-1) ? pointName(point) : point.size.toUpperCase(),
    })),
  );
  const placed = placePoints(labels, place, measuredLabel, obstacles, frame);

  return {
    title: { text: 'In practice', subtitle: 'further right is faster' },
    width: frame.width,
    height: frame.height,
    layer: [
      frontLayer(front, position, style),
      curveLayer(values, position, { strokeWidth: 2, opacity: 0.9 }),
      {
        data: { values: values.filter(({ low }) => low !== null) },
        mark: { type: 'rule', strokeWidth: 2.5, strokeCap: 'round' },
        encoding: {
          ...positionEncoding(frame, xTitle, 'low'),
          x2: { field: 'high' },
          color: { field: 'colour', type: 'nominal', scale: null },
        },
      },
      pointLayer(values, position, emphasis(style), [
        ...theoryTooltip,
        { field: 'throughput', type: 'nominal', title: 'measured' },
      ]),
      ...labelLayers(
        placed.labels(({ throughput, top1 }) => ({ x: throughput.estimate, y: top1 })),
        position,
        measuredLabel,
        theme.ink,
        style,
      ),
    ],
  };
}

function panelSize({ layout }: FigureStyle): { width: number; height: number } {
  return layout === 'wide' ? { width: 428, height: 360 } : { width: 296, height: 300 };
}

/** The curves, from the least to the most accurate point. */
function bySeries<T extends StudyPoint>(points: readonly T[]): Map<string, T[]> {
  const curves = new Map<string, T[]>();
  for (const point of points) {
    const curve = curves.get(point.series);
    if (curve === undefined) curves.set(point.series, [point]);
    else curve.push(point);
  }
  for (const curve of curves.values()) curve.sort((a, b) => a.flops - b.flops);
  return curves;
}

/** Half a percentage point of air, at least one and a half in all. */
function linearExtent(values: readonly number[]): { low: number; high: number } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = Math.max(0.25, 0.12 * (high - low), (1.5 - (high - low)) / 2);
  return { low: Math.floor((low - margin) * 10) / 10, high: Math.ceil((high + margin) * 10) / 10 };
}

function pixel({ width, height, x, y }: Frame, xValue: number, yValue: number): { x: number; y: number } {
  return { x: logPosition(x, xValue) * width, y: (1 - (yValue - y.low) / (y.high - y.low)) * height };
}

/** The inverse of `pixel`. */
function valueAt({ width, height, x, y }: Frame, xPixel: number, yPixel: number): { x: number; y: number } {
  return { x: logValue(x, xPixel / width), y: y.low + (1 - yPixel / height) * (y.high - y.low) };
}

function positionEncoding({ x, y }: Frame, xTitle: string, xField = 'x'): Position {
  return {
    x: {
      field: xField,
      type: 'quantitative',
      title: xTitle,
      scale: { type: 'log', domain: [x.low, x.high], nice: false },
      axis: { values: [...x.ticks], format: '~g', labelOverlap: true },
    },
    y: {
      field: 'y',
      type: 'quantitative',
      title: 'ImageNet top-1 accuracy, %',
      scale: { domain: [y.low, y.high], zero: false, nice: false },
      axis: { tickCount: 6, format: '~g' },
    },
  };
}

function datum(point: StudyPoint, styles: ReadonlyMap<string, SeriesStyle>) {
  const style = styles.get(point.series);
  return {
    y: point.top1,
    series: point.series,
    size: point.size,
    variant: point.variant,
    colour: style?.colour ?? '',
    shape: style?.shape ?? 'circle',
    flops: formatSi(point.flops, 'FLOP'),
    accuracy: formatPercent(point.top1),
  };
}

const theoryTooltip: Extract<Tooltip, readonly unknown[]> = [
  { field: 'variant', type: 'nominal', title: 'variant' },
  { field: 'series', type: 'nominal', title: 'series' },
  { field: 'accuracy', type: 'nominal', title: 'top-1' },
  { field: 'flops', type: 'nominal', title: 'counted' },
];

function emphasis({ theme }: FigureStyle) {
  return { size: 95, filled: true, stroke: theme.surface, strokeWidth: 1.25, opacity: 1 };
}

function pointLayer(
  values: object[],
  position: Position,
  look: { size: number; filled: boolean; stroke?: string; strokeWidth: number; opacity: number },
  tooltip: Tooltip,
): Layer {
  return {
    data: { values },
    mark: { type: 'point', ...look },
    encoding: {
      ...position,
      color: { field: 'colour', type: 'nominal', scale: null },
      shape: { field: 'shape', type: 'nominal', scale: null },
      tooltip,
    },
  };
}

function curveLayer(
  values: object[],
  position: Position,
  look: { strokeWidth: number; opacity: number },
): Layer {
  return {
    data: { values },
    mark: { type: 'line', ...look, tooltip: null },
    encoding: {
      ...position,
      detail: { field: 'series', type: 'nominal' },
      color: { field: 'colour', type: 'nominal', scale: null },
    },
  };
}

/** A band behind the points rather than one more line among the curves. */
function frontLayer(values: object[], position: Position, { theme }: FigureStyle): Layer {
  return {
    data: { values },
    mark: {
      type: 'line',
      color: theme.front,
      opacity: 0.3,
      strokeWidth: 9,
      strokeCap: 'round',
      strokeJoin: 'round',
      tooltip: null,
    },
    encoding: { ...position, order: { field: 'order', type: 'quantitative' } },
  };
}

/** Thin lines from the ends of curves to their names. */
function leaderLayer(values: object[], position: Position, { theme }: FigureStyle): Layer {
  return {
    data: { values },
    mark: { type: 'rule', color: theme.front, strokeWidth: 0.75, opacity: 0.8, tooltip: null },
    encoding: { ...position, x2: { field: 'x2' }, y2: { field: 'y2' } },
  };
}

/** The curves' names in a column right of all curves, in the order of their ends, each joined to its end. */
function curveNames(
  ends: readonly StudyPoint[],
  place: (point: StudyPoint) => { x: number; y: number },
  frame: Frame,
) {
  const downwards = ends.toSorted((a, b) => place(a).y - place(b).y);
  const column = Math.max(0, ...ends.map((point) => place(point).x)) + 24;
  const heights = spread(
    downwards.map((point) => place(point).y),
    studyLabel.fontSize + 3,
  );
  const named = downwards.map((point, index) => {
    const end = place(point);
    const height = heights[index] ?? end.y;
    return {
      label: {
        ...valueAt(frame, column, height),
        text: point.series,
        dx: 0,
        dy: 0,
        align: 'left',
      } satisfies Label,
      from: valueAt(frame, end.x + 6, end.y),
      to: valueAt(frame, column - 4, height),
    };
  });
  return {
    labels: named.map(({ label }) => label),
    leaders: named.map(({ from, to }) => ({ ...from, x2: to.x, y2: to.y })),
  };
}

function asTheory({ flops, top1 }: StudyPoint): { x: number; y: number } {
  return { x: flops / 1e9, y: top1 };
}

/** Places texts beside points: the boxes they take, and the labels once their points have values on the axes. */
function placePoints<T extends StudyPoint>(
  texts: readonly { readonly point: T; readonly text: string }[],
  place: (point: T) => { x: number; y: number },
  look: LabelLook,
  obstacles: readonly ReturnType<typeof pointObstacle>[],
  frame: Frame,
) {
  const requests = texts.map(({ point, text }) => labelRequest(text, place(point).x, place(point).y, look));
  const places = placeLabels(requests, obstacles, frame);
  const placed = texts.map(({ point, text }, index) => ({
    point,
    text,
    place: places[index] ?? ({ dx: 0, dy: 0, align: 'left' } as const),
  }));
  return {
    boxes: requests.map((request, index) =>
      labelBox(request, placed[index]?.place ?? { dx: 0, dy: 0, align: 'left' }),
    ),
    labels: (values: (point: T) => { x: number; y: number }): Label[] =>
      placed.map(({ point, text, place: offset }) => ({ ...values(point), text, ...offset })),
  };
}
