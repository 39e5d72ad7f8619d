/** Latency: how long a caller waits who sends one batch at a time, and how much longer when luck is bad. */
import { quantile } from 'simple-statistics';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { formatRatio, inUnit } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { linearAxis, quantityAxis } from './axis.ts';
import { bandFrame, bandHeightFor, type BandFrame } from './bands.ts';
import { plainNumber, quantityScale, signedNumber, texts, topLevel } from './chart.ts';
import { densityOutline, type DensityPoint } from './density.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut, type Layer, type Panel } from './panel.ts';
import { distinctLabels } from './rows.ts';

/** Steps that are drawn one by one; of more only those that are slower than nearly all others of their variant. */
const mostTicks = 600;

interface Waits {
  readonly variant: string;
  readonly label: string;
  /** Seconds of each step, in the order of time. */
  readonly steps: readonly number[];
  readonly fastest: number;
  readonly middle: number;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly slowest: number;
  /** Of the steps in per cent of their median. */
  readonly outline: readonly DensityPoint[] | null;
}

/** Null when no steps were waited for one by one. */
export function latencyFigure({ rows, setting }: SettingGroup): Figure | null {
  const found = rows.flatMap(({ variant, samples, latency }) => {
    const steps = samples.flatMap(({ latencySeconds = [] }) => latencySeconds);
    if (latency === undefined || steps.length === 0) return [];
    const { median: middle, p95 = null, p99 = null } = latency;
    const [fastest, slowest] = [Math.min(...steps), Math.max(...steps)];
    const outline = densityOutline(steps.map((seconds) => percentAbove(seconds, middle)));
    return [{ variant, label: variantLabel(variant), steps, fastest, middle, p95, p99, slowest, outline }];
  });
  if (found.length === 0) return null;
  const labels = distinctLabels(found.map(({ label }) => label));
  const waits = found.map((each, index): Waits => ({ ...each, label: labels[index]! }));
  const title = finding(waits);
  const count = waits.reduce((sum, { steps }) => sum + steps.length, 0);
  const description =
    `For each of ${String(waits.length)} variants the median, the percentiles and the range of the time of single steps, and ` +
    `beside it how ${String(count)} steps are distributed around the median of their variant. The table below has the numbers.`;
  return {
    id: `latency-${setting.mode}`,
    title,
    description,
    caption:
      `Steps that were timed one by one and each waited for: after the blocks of every process, or the blocks where each is a step (${describeSetting(setting)}). ` +
      `Left: circle median, bar up to the 95th percentile, diamond 99th percentile where there are a hundred steps, line from the fastest step to ` +
      `the slowest. Right: the distribution around the variant's own median (kernel density); below it ` +
      `${count > mostTicks ? 'the steps beyond the 99th percentile' : 'every step'}. Arrows: steps beyond the edge.`,
    tables: [latencyTable(waits)],
    spec: (style) => spec(waits, count, { title, description }, style),
  };
}

function percentAbove(seconds: number, middle: number): number {
  return 100 * (seconds / middle - 1);
}

/** The furthest percentile that there are enough steps for. */
function tailOf({ p95, p99, slowest, steps }: Waits): { readonly seconds: number; readonly words: string } {
  if (p99 !== null) return { seconds: p99, words: '99 of 100 steps end' };
  if (p95 !== null) return { seconds: p95, words: '95 of 100 steps end' };
  return { seconds: slowest, words: `all of ${String(steps.length)} steps ended` };
}

function finding(waits: readonly Waits[]): string {
  const best = waits.reduce((least, each) => (each.middle < least.middle ? each : least));
  const tail = tailOf(best);
  const text = `A step of ${best.label} takes ${inUnit(best.middle, 1e-3)} ms, and ${tail.words} within ${inUnit(tail.seconds, 1e-3)} ms`;
  const stretch = (each: Waits) => tailOf(each).seconds / each.middle;
  const worst = waits.reduce((most, each) => (stretch(each) > stretch(most) ? each : most));
  return worst === best || stretch(worst) < 1.05
    ? text
    : `${text}; the longest tail is that of ${worst.label}, ${formatRatio(stretch(worst))} its median`;
}

function spec(
  waits: readonly Waits[],
  count: number,
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const frame = bandFrame(
    waits.map(({ label }) => label),
    style,
    { panels: 2, bandHeight: bandHeightFor(waits.length, 46, 22) },
  );
  return frame.arrange(topLevel(words, style), [
    rangePanel(waits, frame, style),
    shapePanel(waits, count, frame, style),
  ]);
}

const tooltip = texts({
  variant: 'variant',
  middle: 'median',
  p95: '95th percentile',
  p99: '99th percentile',
  slowest: 'slowest',
  steps: 'steps',
});

function rangePanel(waits: readonly Waits[], frame: BandFrame, style: FigureStyle): Panel {
  const { theme } = style;
  // Tails are ratios: on a linear axis the slowest variant's would hide all others.
  const axis = quantityAxis(
    'log',
    waits.flatMap(({ fastest, slowest }) => [1e3 * fastest, 1e3 * slowest]),
    0.04,
    0.04,
  );
  const milliseconds = (seconds: number | null) => (seconds === null ? '–' : `${inUnit(seconds, 1e-3)} ms`);
  const values = waits.map(({ variant, label, steps, fastest, middle, p95, p99, slowest }, index) => ({
    key: variant,
    y: index + 0.5,
    fastest: 1e3 * fastest,
    x: 1e3 * middle,
    until: p95 === null ? null : 1e3 * p95,
    far: p99 === null ? null : 1e3 * p99,
    slow: 1e3 * slowest,
    variant: label,
    steps: String(steps.length),
    middle: milliseconds(middle),
    p95: milliseconds(p95),
    p99: milliseconds(p99),
    slowest: milliseconds(slowest),
  }));
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'time of a step, ms',
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: plainNumber, labelOverlap: true },
  });
  const y = frame.y(0);
  const rule = (from: string, to: string, strokeWidth: number, of: object[] = values): Layer => ({
    data: { values: of },
    mark: { type: 'rule', strokeWidth, strokeCap: 'round', color: theme.series[0]!, tooltip: null },
    encoding: { y, x: x(from), x2: { field: to }, opacity: singledOut() },
  });
  const point = (field: string, shape: string, size: number, of: object[] = values): Layer => ({
    data: { values: of },
    mark: {
      type: 'point',
      shape,
      size,
      filled: true,
      color: theme.series[0]!,
      stroke: theme.surface,
      strokeWidth: 1.25,
    },
    encoding: { y, x: x(field), opacity: singledOut(), tooltip },
  });
  const far = values.filter((each) => each.far !== null);
  return {
    title: { text: 'How long a step takes', subtitle: 'left is faster' },
    width: frame.width,
    height: frame.height,
    layer: [
      rule('fastest', 'slow', 1),
      rule(
        'x',
        'until',
        5,
        values.filter(({ until }) => until !== null),
      ),
      point('x', 'circle', 90),
      ...(far.length === 0 ? [] : [point('far', 'diamond', 80, far)]),
    ],
  };
}

/** How many times as far as nine of ten steps the axis goes at most. */
const mostTail = 4;

/** Wide enough for all but the rarest steps of every variant; what lies beyond is shown at the edge. */
function shapeAxis(waits: readonly Waits[]) {
  const ends = waits.flatMap(({ steps, middle }) => {
    const values = steps.map((seconds) => percentAbove(seconds, middle));
    // Of few steps even the rarest are more than one in a hundred.
    const most = mostTail * Math.max(1, quantile(values, 0.9));
    return [Math.min(...values), Math.min(most, quantile(values, 0.985))];
  });
  return linearAxis([...ends, -1, 1], 0.06, 0.06);
}

function shapePanel(waits: readonly Waits[], count: number, frame: BandFrame, style: FigureStyle): Panel {
  const { theme } = style;
  const axis = shapeAxis(waits);
  const x: NonNullable<Layer['encoding']>['x'] = {
    field: 'x',
    type: 'quantitative',
    title: 'against the variant’s median, %',
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: signedNumber, labelOverlap: true },
  };
  // A band from the top: the outline, the line that it stands on, the steps.
  const [ground, rain] = [0.62, { from: 0.7, to: 0.88 }] as const;
  const outlines = waits.flatMap(({ variant, outline }, index) =>
    (outline ?? []).map(({ at, height }) => ({
      key: variant,
      x: Number(at.toPrecision(5)),
      y: Number((index + ground - 0.54 * height).toFixed(3)),
      ground: index + ground,
    })),
  );
  const drawn = waits.flatMap(({ variant, label, steps, middle, p99 }, index) => {
    const least = count > mostTicks ? (p99 ?? quantile([...steps], 0.99)) : 0;
    return steps
      .filter((seconds) => seconds >= least)
      .map((seconds) => ({
        key: variant,
        variant: label,
        x: percentAbove(seconds, middle),
        y: index + rain.from,
        end: index + rain.to,
        step: `${inUnit(seconds, 1e-3)} ms`,
      }));
  });
  const beyond = waits.flatMap(({ variant, label, steps, middle }, index) => {
    const far = steps.filter((seconds) => percentAbove(seconds, middle) > axis.high);
    return far.length === 0
      ? []
      : [
          {
            key: variant,
            variant: label,
            x: axis.high,
            y: index + (rain.from + rain.to) / 2,
            beyond: `${String(far.length)}, the slowest ${inUnit(Math.max(...far), 1e-3)} ms`,
          },
        ];
  });
  const y = frame.y(1);
  return {
    title: { text: 'How steps scatter', subtitle: 'ticks: single steps' },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: outlines },
        mark: { type: 'area', color: theme.series[6]!, fillOpacity: 0.75, clip: true, tooltip: null },
        encoding: {
          x,
          y,
          y2: { field: 'ground' },
          detail: { field: 'key', type: 'nominal' },
          opacity: singledOut(),
        },
      },
      {
        data: { values: drawn.filter((each) => each.x <= axis.high) },
        mark: { type: 'rule', strokeWidth: 1, color: theme.ink, strokeOpacity: 0.45 },
        encoding: {
          x,
          y,
          y2: { field: 'end' },
          opacity: singledOut(),
          tooltip: texts({ variant: 'variant', step: 'step' }),
        },
      },
      ...(beyond.length === 0
        ? []
        : [
            {
              data: { values: beyond },
              mark: {
                type: 'point' as const,
                shape: 'triangle-right',
                size: 60,
                filled: true,
                color: theme.series[4]!,
              },
              encoding: {
                x,
                y,
                opacity: singledOut(),
                tooltip: texts({ variant: 'variant', beyond: 'steps beyond the edge' }),
              },
            },
          ]),
    ],
  };
}

function latencyTable(waits: readonly Waits[]): Table {
  return {
    caption: 'Time of single steps',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'steps', key: 'steps', align: 'right' },
      { header: 'fastest', unit: 'ms', key: 'fastest_seconds', align: 'right' },
      { header: 'median', unit: 'ms', key: 'median_seconds', align: 'right' },
      { header: '95th', unit: 'percentile, ms', key: 'p95_seconds', align: 'right' },
      { header: '99th', unit: 'percentile, ms', key: 'p99_seconds', align: 'right' },
      { header: 'slowest', unit: 'ms', key: 'slowest_seconds', align: 'right' },
      { header: 'slowest', unit: '/ median', key: 'slowest_over_median', align: 'right' },
    ],
    rows: waits.map((each) => ({
      cells: [
        { text: each.label, value: each.variant },
        { text: String(each.steps.length), value: each.steps.length },
        ...[each.fastest, each.middle, each.p95, each.p99, each.slowest].map((seconds) => ({
          text: inUnit(seconds, 1e-3),
          value: seconds,
        })),
        { text: formatRatio(each.slowest / each.middle), value: each.slowest / each.middle },
      ],
    })),
    notes: ['A percentile is there where enough steps were timed that one is expected to be slower.'],
  };
}
