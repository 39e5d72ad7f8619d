/** Draws the front-page figure: two panels, side by side or, on narrow screens, one below the other. */
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from '../render/text-width.ts';
import { formatInterval, formatPercent, formatRatio, formatSi } from '../tables/format.ts';
import { plainNumber, topLevel } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import {
  acceleratorScale,
  isoAccuracies,
  pointName,
  practiceFront,
  shortName,
  theoryFront,
  type FrontPageData,
  type FrontPagePoint,
  type NetworkPoint,
} from './front-page-data.ts';
import {
  labelBox,
  lineObstacles,
  placeLabels,
  pointObstacle,
  spread,
  type Obstacle,
} from './label-placement.ts';
import { axisPosition, axisValue, quantityAxis, type Axis } from './axis.ts';
import { intervalExtent } from './interval-extent.ts';
import {
  labelLayers,
  labelRequest,
  singledOut,
  type Label,
  type LabelLook,
  type Layer,
  type Panel,
  type Position,
  type Tooltip,
} from './panel.ts';
import { seriesStyles, type SeriesStyle } from './series-style.ts';

export function frontPageSpec(
  data: FrontPageData,
  words: { readonly title: string; readonly description: string },
  style: FigureStyle,
): TopLevelSpec {
  const panels = [theoryPanel(data, style), practicePanel(data, style)];
  const shared = {
    ...topLevel(words, style),
    spacing: style.layout === 'wide' ? 34 : 28,
  };
  return style.layout === 'wide' ? { ...shared, hconcat: panels } : { ...shared, vconcat: panels };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: { readonly low: number; readonly high: number };
}

const measuredLabel: LabelLook = { fontSize: 11.5, isBold: true };
const studyLabel: LabelLook = { fontSize: 10.5, isBold: false };

function theoryPanel({ measured, study }: FrontPageData, style: FigureStyle): Panel {
  const { theme } = style;
  const everything: readonly NetworkPoint[] = [...study, ...measured];
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
    x: quantityAxis(
      style.axes,
      everything.map(({ flops }) => flops / 1e9),
      0.06,
      (longest + 28) / size.width,
    ),
    y: linearExtent(everything.map(({ top1 }) => top1)),
  };
  const place = (point: NetworkPoint) => pixel(frame, point.flops / 1e9, point.top1);
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
  const isMeasured = (point: NetworkPoint) =>
    measured.some(({ variant, series }) => variant === point.variant && series === point.series);
  const obstacles = [
    ...everything.map((point) => pointObstacle(place(point).x, place(point).y, isMeasured(point) ? 6 : 3)),
    ...curves.flatMap((curve) => lineObstacles(curve.map(place))),
  ];
  const measuredLabels = measured.map((point) => ({
    point,
    text: known.has(point.series) ? shortName(point) : pointName(point),
  }));
  const placedMeasured = placePoints(measuredLabels, place, measuredLabel, obstacles, frame);
  const names = curveNames(ends, place, frame);
  // Each size is named once: where it was measured, or else on the curve that ends highest.
  const measuredSizes = new Set(measured.map(shortName));
  const sizes = topCurve
    .filter((point) => !measuredSizes.has(shortName(point)))
    .map((point) => ({ point, text: shortName(point) }));
  const placedSizes = placePoints(
    sizes,
    place,
    studyLabel,
    [...obstacles, ...placedMeasured.obstacles],
    frame,
  );
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

function practicePanel(data: FrontPageData, style: FigureStyle): Panel {
  const { measured, study, mode } = data;
  const { theme } = style;
  const styles = seriesStyles(
    [...study, ...measured].map(({ series }) => series),
    theme,
  );
  const size = panelSize(style);
  const curves = [...bySeries(measured).values()];
  const fastestFirst = practiceFront(measured);
  const extremes = intervalExtent(measured.map(({ throughput }) => throughput));
  const frame: Frame = {
    ...size,
    x: quantityAxis(style.axes, extremes, 0.14, 0.14),
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
                weight: 1,
              },
            ];
      return [pointObstacle(x, y, 6), ...bar];
    }),
    ...curves.flatMap((curve) => lineObstacles(curve.map(place))),
  ];
  const labels = curves.flatMap((curve) =>
    curve.map((point) => ({
      point,
      text: point === curve.at(-1) ? pointName(point) : shortName(point),
    })),
  );
  const iso = isoAccuracyLayers(measured, frame, position, style);
  const placed = placePoints(labels, place, measuredLabel, [...obstacles, ...iso.obstacles], frame);

  return {
    title: { text: 'In practice', subtitle: 'further right is faster' },
    width: frame.width,
    height: frame.height,
    layer: [
      frontLayer(front, position, style),
      ...acceleratorLayers(data, styles, position),
      curveLayer(values, position, { strokeWidth: 2, opacity: 0.9 }),
      ...iso.layers,
      {
        data: { values: values.filter(({ low }) => low !== null) },
        mark: { type: 'rule', clip: true, strokeWidth: 2.5, strokeCap: 'round' },
        encoding: {
          ...positionEncoding(frame, xTitle, 'low'),
          x2: { field: 'high' },
          color: { field: 'colour', type: 'nominal', scale: null },
          opacity: singledOut(),
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
function bySeries<T extends NetworkPoint>(points: readonly T[]): Map<string, T[]> {
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
  return { x: axisPosition(x, xValue) * width, y: (1 - (yValue - y.low) / (y.high - y.low)) * height };
}

/** The inverse of `pixel`. */
function valueAt({ width, height, x, y }: Frame, xPixel: number, yPixel: number): { x: number; y: number } {
  return { x: axisValue(x, xPixel / width), y: y.low + (1 - yPixel / height) * (y.high - y.low) };
}

function positionEncoding({ x, y }: Frame, xTitle: string, xField = 'x'): Position {
  return {
    x: {
      field: xField,
      type: 'quantitative',
      title: xTitle,
      scale: { type: x.type, domain: [x.low, x.high], nice: false },
      axis: { values: [...x.ticks], labelExpr: plainNumber, labelOverlap: true },
    },
    y: {
      field: 'y',
      type: 'quantitative',
      title: 'ImageNet top-1 accuracy, %',
      scale: { domain: [y.low, y.high], zero: false, nice: false },
      axis: { tickCount: 6, format: '~r' },
    },
  };
}

function datum(point: NetworkPoint, styles: ReadonlyMap<string, SeriesStyle>) {
  const style = styles.get(point.series);
  return {
    key: point.variant,
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
  const { opacity, ...mark } = look;
  return {
    data: { values },
    mark: { type: 'point', ...mark },
    encoding: {
      ...position,
      color: { field: 'colour', type: 'nominal', scale: null },
      shape: { field: 'shape', type: 'nominal', scale: null },
      opacity: singledOut(opacity),
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

/**
 * The study's accelerator, slower by a common factor so that it lies on this machine on average: what is left is the
 * difference in shape. Only there while the page's signal says so.
 */
function acceleratorLayers(
  data: FrontPageData,
  styles: ReadonlyMap<string, SeriesStyle>,
  position: Position,
): Layer[] {
  const scale = acceleratorScale(data);
  if (scale === null) return [];
  const values = data.study.map((point) => ({
    ...datum(point, styles),
    x: point.plottedImagesPerSecond / scale,
    throughput: `${formatSi(point.plottedImagesPerSecond, 'img/s')} on an IPU-POD16`,
  }));
  const encoding: Layer['encoding'] = {
    ...position,
    color: { field: 'colour', type: 'nominal', scale: null },
  };
  const opacity = { expr: 'accelerator ? 0.75 : 0' };
  return [
    {
      data: { values },
      mark: { type: 'line', clip: true, strokeDash: [3, 3], strokeWidth: 1.25, opacity, tooltip: null },
      encoding: { ...encoding, detail: { field: 'series', type: 'nominal' } },
    },
    {
      data: { values },
      mark: { type: 'point', clip: true, filled: false, size: 30, strokeWidth: 1.25, opacity },
      encoding: {
        ...encoding,
        shape: { field: 'shape', type: 'nominal', scale: null },
        tooltip: [...theoryTooltip, { field: 'throughput', type: 'nominal', title: 'accelerator' }],
      },
    },
  ];
}

/** The largest speed-up at equal accuracy, as a measure between the two curves. */
function isoAccuracyLayers(
  measured: readonly FrontPagePoint[],
  frame: Frame,
  position: Position,
  style: FigureStyle,
): { layers: Layer[]; obstacles: Obstacle[] } {
  const [largest] = isoAccuracies(measured).toSorted((a, b) => b.speedUp - a.speedUp);
  if (largest === undefined || largest.speedUp <= 1) return { layers: [], obstacles: [] };
  const { theme } = style;
  const { top1, reference, throughput, speedUp } = largest;
  const from = pixel(frame, reference, top1);
  const to = pixel(frame, throughput, top1);
  const text = `${formatRatio(speedUp)} at ${formatPercent(top1)}`;
  const middle = valueAt(frame, (from.x + to.x) / 2, from.y);
  const width = textWidth(text, studyLabel.fontSize, true);
  const box = {
    left: (from.x + to.x - width) / 2,
    right: (from.x + to.x + width) / 2,
    top: from.y - 20,
    bottom: from.y,
  };
  const label: Label = { ...middle, text, dx: 0, dy: -10, align: 'center' };
  return {
    layers: [
      {
        data: { values: [{ x: reference, x2: throughput, y: top1 }] },
        mark: { type: 'rule', color: theme.ink, strokeWidth: 1.25, strokeDash: [5, 3], tooltip: null },
        encoding: { ...position, x2: { field: 'x2' } },
      },
      ...labelLayers([label], position, { ...studyLabel, isBold: true }, theme.ink, style),
    ],
    obstacles: [{ ...box, weight: 1 }, ...lineObstacles([from, to])],
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
  ends: readonly NetworkPoint[],
  place: (point: NetworkPoint) => { x: number; y: number },
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

function asTheory({ flops, top1 }: NetworkPoint): { x: number; y: number } {
  return { x: flops / 1e9, y: top1 };
}

/** Places texts beside points: the boxes they take, and the labels once their points have values on the axes. */
function placePoints<T extends NetworkPoint>(
  texts: readonly { readonly point: T; readonly text: string }[],
  place: (point: T) => { x: number; y: number },
  look: LabelLook,
  obstacles: readonly Obstacle[],
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
    obstacles: requests.map((request, index) => ({
      ...labelBox(request, placed[index]?.place ?? { dx: 0, dy: 0, align: 'left' }),
      weight: 1,
    })),
    labels: (values: (point: T) => { x: number; y: number }): Label[] =>
      placed.map(({ point, text, place: offset }) => ({
        key: point.variant,
        ...values(point),
        text,
        ...offset,
      })),
  };
}
