/** Draws theoretical against measured speed-up, with lines of equal efficiency. */
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from '../render/text-width.ts';
import { formatRatio, formatRatioInterval } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';
import { topLevel } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import {
  labelBox,
  lineObstacles,
  overlapArea,
  placeLabels,
  pointObstacle,
  spread,
  type Box,
  type Obstacle,
} from './label-placement.ts';
import { axisPosition, quantityAxis, type Axis } from './axis.ts';
import { intervalExtent } from './interval-extent.ts';
import {
  labelLayers,
  labelRequest,
  singledOut,
  type Label,
  type LabelLook,
  type Layer,
  type Position,
} from './panel.ts';
import { seriesStyles } from './series-style.ts';
import { keptShare, type SpeedUpData, type SpeedUpPoint } from './speed-up-data.ts';

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
}

interface Pixel {
  readonly x: number;
  readonly y: number;
}

const pointLabel: LabelLook = { fontSize: 11.5, isBold: true };
const lineLabel: LabelLook = { fontSize: 10.5, isBold: false };

export function speedUpSpec(
  data: SpeedUpData,
  words: { readonly title: string; readonly description: string },
  style: FigureStyle,
): TopLevelSpec {
  const { points } = data;
  const { theme } = style;
  const size = style.layout === 'wide' ? { width: 900, height: 420 } : { width: 296, height: 330 };
  const frame: Frame = {
    ...size,
    x: quantityAxis(
      style.axes,
      points.map(({ theory }) => theory),
      0.14,
      0.14,
    ),
    y: quantityAxis(style.axes, intervalExtent(points.map(({ measured }) => measured)), 0.12, 0.12),
  };
  const styles = seriesStyles(
    points.map(({ series }) => series),
    theme,
  );
  const shifts = dodge(points.map((point) => intervalBox(frame, point)));
  const shiftOf = new Map(points.map((point, index) => [point, shifts[index] ?? 0]));
  const place = (point: SpeedUpPoint): Pixel => {
    const { x, y } = pixel(frame, point.theory, point.measured.estimate);
    return { x: x + (shiftOf.get(point) ?? 0), y };
  };
  const lines = efficiencyLines(frame);
  const position = positionEncoding(frame);
  const values = points.map((point) => ({
    key: point.variant,
    x: point.theory,
    y: point.measured.estimate,
    low: point.measured.low,
    high: point.measured.high,
    variant: variantLabel(point.variant),
    colour: styles.get(point.series)?.colour ?? theme.ink,
    shape: styles.get(point.series)?.shape ?? 'circle',
    theory: formatRatio(point.theory),
    measured: formatRatioInterval(point.measured),
    kept: formatRatio(keptShare(point)),
    shift: shiftOf.get(point) ?? 0,
  }));

  const dots: Obstacle[] = points.flatMap((point) => {
    const { x, y } = place(point);
    return [pointObstacle(x, y, 6), { ...intervalBox(frame, point), left: x - 2, right: x + 2, weight: 1 }];
  });
  const strokes = lines.flatMap((line) => [...lineBoxes(line, frame), ...nameBoxes(line, frame)]);
  const names = points.map(
    ({ variant, isReference }) => variantLabel(variant) + (isReference ? ' (reference)' : ''),
  );
  const requests = points.map((point, index) =>
    labelRequest(names[index] ?? '', place(point).x, place(point).y, pointLabel),
  );
  const places = placeLabels(requests, [...dots, ...strokes], frame);
  // A point's name matters more than a line's, which the caption explains too.
  const covered = requests.map((request, index) => labelBox(request, places[index]!));
  const namedLines = lines.filter((line) =>
    nameBoxes(line, frame).every((box) => covered.every((label) => overlapArea(box, label) === 0)),
  );
  const labels = points.map((point, index): Label => {
    const offset = places[index] ?? { dx: 0, dy: 0, align: 'left' };
    const dx = offset.dx + (shiftOf.get(point) ?? 0);
    return {
      key: point.variant,
      x: point.theory,
      y: point.measured.estimate,
      text: names[index] ?? '',
      ...offset,
      dx,
    };
  });

  return {
    ...topLevel(words, style),
    width: frame.width,
    height: frame.height,
    layer: [
      ...lines.map((line): Layer => lineLayer(line, position, style)),
      ...labelLayers(
        namedLines.map(({ label }) => label),
        position,
        lineLabel,
        theme.muted,
        style,
      ),
      {
        data: { values: values.filter(({ low }) => low !== null) },
        mark: { type: 'rule', clip: true, strokeWidth: 2.5, strokeCap: 'round', ...shifted },
        encoding: {
          ...positionEncoding(frame, 'low'),
          y2: { field: 'high' },
          color: { field: 'colour', type: 'nominal', scale: null },
          opacity: singledOut(),
        },
      },
      {
        data: { values },
        mark: {
          type: 'point',
          filled: true,
          size: 110,
          stroke: theme.surface,
          strokeWidth: 1.25,
          ...shifted,
        },
        encoding: {
          ...position,
          color: { field: 'colour', type: 'nominal', scale: null },
          shape: { field: 'shape', type: 'nominal', scale: null },
          opacity: singledOut(),
          tooltip: [
            { field: 'variant', type: 'nominal' },
            { field: 'theory', type: 'nominal', title: 'theoretical speed-up' },
            { field: 'measured', type: 'nominal', title: 'measured speed-up' },
            { field: 'kept', type: 'nominal', title: 'measured / theoretical' },
          ],
        },
      },
      ...labelLayers(labels, position, pointLabel, theme.ink, style),
    ],
  };
}

/** Marks are moved by their datum's shift; a rule has two ends to move. */
const shifted = { xOffset: { expr: 'datum.shift' }, x2Offset: { expr: 'datum.shift' } };

/** What a point and its interval cover. */
function intervalBox(frame: Frame, { theory, measured: { estimate, low, high } }: SpeedUpPoint): Box {
  const { x, y } = pixel(frame, theory, estimate);
  const radius = 3.5;
  return {
    left: x - radius,
    right: x + radius,
    top: Math.min(y - radius, pixel(frame, theory, high ?? estimate).y),
    bottom: Math.max(y + radius, pixel(frame, theory, low ?? estimate).y),
  };
}

/** Pixels by which to move each box sideways, so that those that would hide each other stand side by side. */
function dodge(boxes: readonly Box[]): number[] {
  const crowded = boxes
    .map((box, index) => ({ box, index }))
    .filter(({ box, index }) => boxes.some((other, rank) => rank !== index && overlapArea(box, other) > 0))
    .sort((a, b) => a.box.left - b.box.left);
  const lefts = spread(
    crowded.map(({ box }) => box.left),
    7,
  );
  const shifts = boxes.map(() => 0);
  for (const [rank, { box, index }] of crowded.entries())
    shifts[index] = (lefts[rank] ?? box.left) - box.left;
  return shifts;
}

function positionEncoding({ x, y }: Frame, yField = 'y'): Position {
  const axis = ({ ticks }: Axis) => ({ values: [...ticks], labelExpr: "format(datum.value, '~g') + '×'" });
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      title: 'theoretical speed-up (fewer MACs, counted)',
      scale: { type: x.type, domain: [x.low, x.high], nice: false },
      axis: { ...axis(x), labelOverlap: true },
    },
    y: {
      field: yField,
      type: 'quantitative',
      title: 'measured speed-up',
      scale: { type: y.type, domain: [y.low, y.high], nice: false },
      axis: axis(y),
    },
  };
}

function pixel({ width, height, x, y }: Frame, xValue: number, yValue: number): Pixel {
  return { x: axisPosition(x, xValue) * width, y: (1 - axisPosition(y, yValue)) * height };
}

interface EfficiencyLine {
  /** measured = multiple × theoretical */
  readonly multiple: number;
  readonly from: Pixel;
  readonly to: Pixel;
  readonly label: Label;
}

/** The lines y = multiple × x that cross the panel, each cut at its edges and named where it leaves. */
function efficiencyLines(frame: Frame): EfficiencyLine[] {
  const { x, y } = frame;
  return [0.25, 0.5, 1, 2, 4].flatMap((multiple) => {
    const left = Math.max(x.low, y.low / multiple);
    const right = Math.min(x.high, y.high / multiple);
    if (left >= right) return [];
    const from = { x: left, y: left * multiple };
    const to = { x: right, y: right * multiple };
    const start = pixel(frame, from.x, from.y);
    const end = pixel(frame, to.x, to.y);
    const length = Math.hypot(end.x - start.x, end.y - start.y);
    const text = multiple === 1 ? 'as the MACs promise' : `${String(multiple)}× the MACs per second`;
    // Too short to carry its name, and so too far out to matter.
    if (length < textWidth(text, lineLabel.fontSize) + 30) return [];
    const angle = (Math.atan2(end.y - start.y, end.x - start.x) * 180) / Math.PI;
    const label: Label = { ...to, text, dx: -14, dy: -9, align: 'right', angle };
    return [{ multiple, from, to, label }];
  });
}

function lineBoxes({ from, to }: EfficiencyLine, frame: Frame): Obstacle[] {
  return lineObstacles([pixel(frame, from.x, from.y), pixel(frame, to.x, to.y)]);
}

/** What the line's name covers. */
function nameBoxes({ from, to, label }: EfficiencyLine, frame: Frame): Obstacle[] {
  const start = pixel(frame, from.x, from.y);
  const end = pixel(frame, to.x, to.y);
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const along = { x: (end.x - start.x) / length, y: (end.y - start.y) / length };
  const nameWidth = textWidth(label.text, lineLabel.fontSize);
  // Along the middle of the name, which stands on the line's upper side.
  return Array.from({ length: Math.ceil(nameWidth / 12) + 1 }, (_, index) => {
    const back = 14 + 12 * index;
    return pointObstacle(end.x - back * along.x + 9 * along.y, end.y - back * along.y - 9 * along.x, 8);
  });
}

function lineLayer(
  { multiple, from, to }: EfficiencyLine,
  position: Position,
  { theme }: FigureStyle,
): Layer {
  return {
    data: { values: [from, to] },
    mark: {
      type: 'line',
      color: theme.front,
      strokeWidth: multiple === 1 ? 1.5 : 1,
      strokeDash: multiple === 1 ? [1, 0] : [2, 4],
      tooltip: null,
    },
    encoding: position,
  };
}
