/** What every round says: the speed-up of each variant, round by round, and the reference against itself. */
import type { BenchRow, BenchSetting, Estimate } from '../../src/results/schema.ts';
import { relativeSpeed, roundRatios } from '../relative-speed.ts';
import type { Theme } from '../render/theme.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { formatRatio, formatRatioInterval } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { linearAxis, quantityAxis } from './axis.ts';
import { bandFrame, bandHeightFor, type BandFrame } from './bands.ts';
import {
  intervalLayer,
  plainNumber,
  pointLayer,
  quantityScale,
  signedNumber,
  texts,
  topLevel,
} from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut, type Panel } from './panel.ts';
import { distinctLabels } from './rows.ts';

interface Strip {
  readonly variant: string;
  readonly label: string;
  readonly rounds: readonly { readonly round: number; readonly ratio: number }[];
  readonly overall: Estimate;
  readonly isControl: boolean;
}

/** Null with fewer than two rounds, or when there is nothing to compare. */
export function roundsFigure(
  { rows, reference, setting }: SettingGroup,
  control: BenchSetting['control'] = null,
  smallestEffect = 0.01,
): Figure | null {
  if (reference === null) return null;
  const strip = (row: BenchRow, variant: string, isControl: boolean): Strip[] => {
    const rounds = roundRatios(row, reference);
    const overall = relativeSpeed(row, reference);
    if (rounds.length < 2 || overall === null) return [];
    return [
      { variant, label: isControl ? 'A/A control' : variantLabel(variant), rounds, overall, isControl },
    ];
  };
  const found = [
    ...rows.flatMap((row) => (row === reference ? [] : strip(row, row.variant, false))),
    ...(control === null
      ? []
      : strip(withoutSpeedUp({ ...reference, samples: control.samples }), reference.variant, true)),
  ];
  if (!found.some(({ isControl }) => !isControl)) return null;
  const labels = distinctLabels(found.map(({ label }) => label));
  const strips = found.map((each, index) => ({ ...each, label: labels[index]! }));
  const title = finding(strips, reference.variant);
  const description =
    `The speed-up over ${variantLabel(reference.variant)} with its interval, one row a variant, and beside it dots of each ` +
    `round against the whole${control === null ? '' : '; the A/A control below'}. The table below has the numbers.`;
  return {
    id: `rounds-${setting.mode}`,
    title,
    description,
    caption:
      `Each dot is one round: median step times of two processes that ran in it (${describeSetting(setting)}), beside what all ` +
      `rounds say. Bars and boxes are the 95 % intervals of the whole. The grey band is ±${String(100 * smallestEffect)} %, within which nobody cares. ${
        control === null
          ? 'This run has no A/A control: no second run of the reference that would show what the procedure finds where there is nothing.'
          : 'A/A control: the reference ran twice in each round and is compared with itself; its bar should contain 1.'
      }`,
    tables: [roundsTable(strips)],
    spec: (style) =>
      spec(strips, variantLabel(reference.variant), smallestEffect, { title, description }, style),
  };
}

/** The control is compared like any other row, not taken for the reference. */
function withoutSpeedUp({ speedUp: _, ...row }: BenchRow): BenchRow {
  return row;
}

function finding(strips: readonly Strip[], reference: string): string {
  const others = strips.filter(({ isControl }) => !isControl);
  const agree = others.filter(
    ({ rounds }) => rounds.every(({ ratio }) => ratio > 1) || rounds.every(({ ratio }) => ratio < 1),
  );
  const than = variantLabel(reference);
  if (agree.length === others.length)
    return `Every round agrees on who is faster than ${than} and who is slower`;
  const split = others.filter((strip) => !agree.includes(strip)).map(({ variant }) => variantLabel(variant));
  const names = split.length > 3 ? `${String(split.length)} variants` : split.join(', ');
  return `Rounds disagree on whether ${names} ${split.length > 1 ? 'are' : 'is'} faster than ${than}`;
}

function spec(
  strips: readonly Strip[],
  reference: string,
  smallestEffect: number,
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const frame = bandFrame(
    strips.map(({ label }) => label),
    style,
    { panels: 2, bandHeight: bandHeightFor(strips.length, 32, 20) },
  );
  return frame.arrange(topLevel(words, style), [
    overallPanel(strips, reference, smallestEffect, frame, style),
    scatterPanel(strips, smallestEffect, frame, style),
  ]);
}

/** What belongs to a strip in both panels. */
function look({ variant, label, isControl, overall }: Strip, theme: Theme) {
  const isFaster = overall.estimate >= 1;
  return {
    key: variant,
    variant: label,
    colour: isControl ? theme.muted : isFaster ? theme.series[0]! : theme.series[4]!,
    shape: isControl ? 'square' : isFaster ? 'triangle-right' : 'triangle-left',
  };
}

function overallPanel(
  strips: readonly Strip[],
  reference: string,
  smallestEffect: number,
  frame: BandFrame,
  style: FigureStyle,
): Panel {
  const { theme } = style;
  const values = strips.map((strip, index) => ({
    ...look(strip, theme),
    y: index + 0.5,
    x: strip.overall.estimate,
    low: strip.overall.low,
    high: strip.overall.high,
    ratio: formatRatioInterval(strip.overall),
    rounds: String(strip.rounds.length),
  }));
  const ends = values.flatMap(({ x, low, high }) => [x, low ?? x, high ?? x]);
  const axis = quantityAxis('log', [...ends, 1 - smallestEffect, 1 + smallestEffect], 0.04, 0.04);
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: `speed-up over ${reference}`,
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: `${plainNumber} + '×'`, labelOverlap: true },
  });
  const y = frame.y(0);
  return {
    title: { text: 'All rounds together', subtitle: 'right is faster' },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: [{ from: 1 / (1 + smallestEffect), to: 1 + smallestEffect }] },
        mark: { type: 'rect', color: theme.front, opacity: 0.25, tooltip: null },
        encoding: { x: x('from'), x2: { field: 'to' } },
      },
      {
        data: { values: [{ at: 1 }] },
        mark: { type: 'rule', color: theme.front, tooltip: null },
        encoding: { x: x('at') },
      },
      intervalLayer(values, { y, x: x('low'), x2: { field: 'high' } }, 3),
      pointLayer(
        values,
        { y, x: x('x') },
        texts({ variant: 'variant', ratio: 'speed-up', rounds: 'rounds' }),
        style,
        80,
      ),
    ],
  };
}

/** Each round against its own strip as a whole, in per cent: strips far apart share an axis on which their scatter is seen. */
function scatterPanel(
  strips: readonly Strip[],
  smallestEffect: number,
  frame: BandFrame,
  style: FigureStyle,
): Panel {
  const { theme } = style;
  const values = strips.flatMap((strip, index) =>
    strip.rounds.map(({ round, ratio }, place) => ({
      ...look(strip, theme),
      shape: 'circle',
      x: percentBeside(ratio, strip.overall.estimate),
      // The first round on top, so that a drift leans.
      y: Number((index + 0.5 + 0.66 * ((place + 0.5) / strip.rounds.length - 0.5)).toFixed(3)),
      round: String(round),
      ratio: formatRatio(ratio),
    })),
  );
  const bars = strips.map((strip, index) => {
    const { low, high, estimate } = strip.overall;
    return {
      ...look(strip, theme),
      y: index + 0.12,
      end: index + 0.88,
      low: low === null ? null : percentBeside(low, estimate),
      high: high === null ? null : percentBeside(high, estimate),
    };
  });
  const ends = [...values.map(({ x }) => x), ...bars.flatMap(({ low, high }) => [low ?? 0, high ?? 0])];
  const reach = Math.max(100 * smallestEffect, ...ends.map((end) => Math.abs(end)));
  // Nothing is slower by more than all of it.
  const axis = linearAxis([Math.max(-reach, -100), reach], 0.04, 0.04);
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'a round beside all of them, %',
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: signedNumber, labelOverlap: true },
  });
  const y = frame.y(1);
  return {
    title: { text: 'Round by round', subtitle: 'first on top; box: interval' },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: [{ from: -100 * smallestEffect, to: 100 * smallestEffect }] },
        mark: { type: 'rect', color: theme.front, opacity: 0.25, tooltip: null },
        encoding: { x: x('from'), x2: { field: 'to' } },
      },
      {
        data: { values: bars.filter(({ low }) => low !== null) },
        mark: { type: 'rect', fillOpacity: 0.22, cornerRadius: 2, tooltip: null },
        encoding: {
          x: x('low'),
          x2: { field: 'high' },
          y,
          y2: { field: 'end' },
          color: { field: 'colour', type: 'nominal', scale: null },
          opacity: singledOut(),
        },
      },
      pointLayer(
        values,
        { y, x: x('x') },
        texts({ variant: 'variant', round: 'round', ratio: 'speed-up' }),
        style,
        strips.length > 12 ? 24 : 40,
      ),
    ],
  };
}

function percentBeside(ratio: number, overall: number): number {
  return 100 * (ratio / overall - 1);
}

function roundsTable(strips: readonly Strip[]): Table {
  const rounds = [...new Set(strips.flatMap((strip) => strip.rounds.map(({ round }) => round)))].sort(
    (a, b) => a - b,
  );
  return {
    caption: 'Speed-up by round',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'all rounds', unit: '95 % interval', key: 'speed_up', align: 'right' },
      ...rounds.map((round) => ({
        header: `round ${String(round)}`,
        key: `round_${String(round)}`,
        align: 'right' as const,
      })),
    ],
    rows: strips.map((strip) => ({
      cells: [
        { text: strip.label, value: strip.variant },
        { text: formatRatioInterval(strip.overall), value: strip.overall.estimate },
        ...rounds.map((round) => {
          const ratio = strip.rounds.find((each) => each.round === round)?.ratio ?? null;
          return { text: formatRatio(ratio), value: ratio };
        }),
      ],
    })),
    notes: [],
  };
}
