/** What every round says: the speed-up of each variant, round by round, and the reference against itself. */
import type { BenchRow, BenchSetting, Estimate } from '../../src/results/schema.ts';
import { relativeSpeed, roundRatios } from '../relative-speed.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { formatRatio, formatRatioInterval } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { quantityAxis } from './axis.ts';
import { intervalLayer, quantityScale, texts, topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut } from './panel.ts';
import { distinctLabels, rowFrame } from './rows.ts';

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
    `Dots of the speed-up over ${variantLabel(reference.variant)} in each round, one row a variant, with the overall ` +
    `interval${control === null ? '' : ', and the A/A control below'}. The table below has the numbers.`;
  return {
    id: `rounds-${setting.mode}`,
    title,
    description,
    caption:
      `Each dot is one round: median step times of two processes that ran in it (${describeSetting(setting)}). Bars are the ` +
      `95 % intervals of the whole. The band is ±${String(100 * smallestEffect)} %, within which nobody cares. ${
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
  const { theme } = style;
  const frame = rowFrame(
    strips.map(({ label }) => label),
    style,
  );
  const all = strips.flatMap(({ rounds, overall: { low, high } }) => [
    ...rounds.map(({ ratio }) => ratio),
    ...(low === null || high === null ? [] : [low, high]),
  ]);
  const axis = quantityAxis('log', [...all, 1 - smallestEffect, 1 + smallestEffect], 0.03, 0.03);
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: `speed-up over ${reference}, per round`,
    scale: quantityScale(axis),
    axis: {
      values: [...axis.ticks],
      grid: true,
      labelOverlap: true,
      labelExpr: "format(datum.value, '~g') + '×'",
    },
  });
  const colourOf = ({ isControl, overall }: Strip) =>
    isControl ? theme.muted : overall.estimate >= 1 ? theme.series[0]! : theme.series[4]!;
  const dots = strips.flatMap((strip) =>
    strip.rounds.map(({ round, ratio }) => ({
      key: strip.variant,
      label: strip.label,
      x: ratio,
      colour: colourOf(strip),
      shape: strip.isControl ? 'square' : strip.overall.estimate >= 1 ? 'triangle-right' : 'triangle-left',
      variant: strip.label,
      round: String(round),
      ratio: formatRatio(ratio),
    })),
  );
  const bars = strips.map((strip) => ({
    key: strip.variant,
    label: strip.label,
    low: strip.overall.low,
    high: strip.overall.high,
    colour: colourOf(strip),
  }));
  return {
    ...topLevel(words, style),
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: [{ from: 1 / (1 + smallestEffect), to: 1 + smallestEffect }] },
        mark: { type: 'rect' as const, color: theme.front, opacity: 0.25, tooltip: null },
        encoding: { x: x('from'), x2: { field: 'to' } },
      },
      {
        data: { values: [{ at: 1 }] },
        mark: { type: 'rule' as const, color: theme.front, tooltip: null },
        encoding: { x: x('at') },
      },
      intervalLayer(bars, { y: frame.y, x: x('low'), x2: { field: 'high' } }, 4),
      {
        data: { values: dots },
        mark: {
          type: 'point' as const,
          size: 42,
          filled: true,
          stroke: theme.surface,
          strokeWidth: 0.75,
        },
        encoding: {
          y: frame.y,
          x: x('x'),
          color: { field: 'colour', type: 'nominal' as const, scale: null },
          shape: { field: 'shape', type: 'nominal' as const, scale: null },
          opacity: singledOut(),
          tooltip: texts({ variant: 'variant', round: 'round', ratio: 'speed-up' }),
        },
      },
    ],
  };
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
