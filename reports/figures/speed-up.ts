/**
 * What fewer FLOPs promise against what they keep: theoretical against measured speed-up over one reference. Its words
 * and numbers; the drawing is in speed-up-spec.ts.
 */
import { relativeTime } from '../relative-speed.ts';
import { formatRatio, formatRatioInterval } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import type { Figure } from './figure.ts';
import { keptShare, type SpeedUpData, type SpeedUpPoint } from './speed-up-data.ts';
import { speedUpSpec } from './speed-up-spec.ts';

/** Null when there is nothing to compare. */
export function speedUpFigure(data: SpeedUpData, id = `speed-up-${data.mode}`): Figure | null {
  if (data.points.length < 2) return null;
  return {
    id,
    title: finding(data),
    description: describe(data),
    caption: caption(data),
    tables: [speedUpTable(data)],
    spec: (style) => speedUpSpec(data, { title: finding(data), description: describe(data) }, style),
  };
}

/** The variant whose time is furthest from what its MACs promise, of those for which the intervals are sure of it. */
function finding({ points, reference }: SpeedUpData): string {
  const others = points.filter(({ isReference }) => !isReference);
  const [most, ...rest] = others.filter(breaksPromise);
  const than = variantLabel(reference);
  if (most === undefined) return `Within the noise, time relative to ${than} is what the FLOPs promise`;
  const surprise = (point: SpeedUpPoint): number => Math.abs(Math.log(keptShare(point)));
  const point = rest.reduce((best, other) => (surprise(other) > surprise(best) ? other : best), most);
  const flops = formatRatio(1 / point.theory);
  const time = formatRatio(relativeTime(point.measured).estimate);
  return `${variantLabel(point.variant)} needs ${flops} the FLOPs of ${than} but takes ${time} the time`;
}

/** Whether the theoretical speed-up lies outside the measured interval; without an interval, 5 % off counts. */
function breaksPromise({ theory, measured: { estimate, low, high } }: SpeedUpPoint): boolean {
  if (low === null || high === null) return Math.abs(Math.log(estimate / theory)) > Math.log(1.05);
  return theory < low || theory > high;
}

function describe({ points, reference }: SpeedUpData): string {
  const others = points.filter(({ isReference }) => !isReference);
  const above = others.filter((point) => keptShare(point) > 1).length;
  return (
    `Scatter plot on logarithmic axes of ${String(others.length)} variants: theoretical speed-up over ` +
    `${variantLabel(reference)} from counted MACs against measured speed-up. ` +
    `${String(above)} lie above the diagonal, where a variant is faster than its MACs promise; ` +
    `${String(others.length - above)} on or below it. The table below has the numbers.`
  );
}

function caption({ reference, setting, points }: SpeedUpData): string {
  const hasIntervals = points.some(({ measured }) => measured.low !== null);
  return [
    `Reference: ${variantLabel(reference)} (${setting}).`,
    'Theoretical speed-up: counted MACs of the reference over those of the variant.',
    'Measured speed-up: ratio of median times per image, paired by round; the median over rounds.',
    hasIntervals
      ? 'Bars are 95 % intervals; those that would hide each other stand side by side.'
      : 'No intervals: they need at least two rounds in which both ran.',
    'On the solid line, time is proportional to MACs; on a dotted one, the variant does the stated multiple of the',
    "reference's MACs per second.",
  ].join(' ');
}

function speedUpTable({ points, reference }: SpeedUpData): Table {
  const ends = (key: string) => [
    { header: 'low', key: `${key}_low`, align: 'right', only: 'values' } as const,
    { header: 'high', key: `${key}_high`, align: 'right', only: 'values' } as const,
  ];
  return {
    caption: `Speed-up over ${variantLabel(reference)}`,
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'theory', unit: 'from MACs', key: 'theoretical_speed_up', align: 'right' },
      { header: 'measured', unit: '95 % interval', key: 'measured_speed_up', align: 'right' },
      ...ends('measured_speed_up'),
      { header: 'kept', unit: 'measured / theory', key: 'measured_over_theoretical', align: 'right' },
    ],
    rows: points.map((point) => ({
      cells: [
        { text: variantLabel(point.variant), value: point.variant },
        { text: formatRatio(point.theory), value: point.theory },
        { text: formatRatioInterval(point.measured), value: point.measured.estimate },
        { text: String(point.measured.low), value: point.measured.low },
        { text: String(point.measured.high), value: point.measured.high },
        { text: formatRatio(keptShare(point)), value: keptShare(point) },
      ],
    })),
    notes: [],
  };
}
