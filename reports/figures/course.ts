/** The course of a run: every process in the order in which it ran, its blocks against its variant's own median. */
import { median } from 'simple-statistics';
import type { BenchRow } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { inUnit } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { familyLabel, variantLabel } from '../variant-label.ts';
import { linearAxis } from './axis.ts';
import { intervalLayer, pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { seriesStyles } from './series-style.ts';

/** One process: where its blocks lie, in per cent of the variant's median step time. */
interface Process {
  readonly variant: string;
  readonly series: string;
  readonly round: number;
  readonly blocks: number;
  readonly fastest: number;
  readonly middle: number;
  readonly slowest: number;
  readonly seconds: number;
}

/** Processes of which the range of blocks is drawn too; of more it would be a thicket. */
const mostRanges = 120;

/** Null with fewer than two rounds. */
export function courseFigure({ rows, setting }: SettingGroup): Figure | null {
  const processes = rows.flatMap((row) => processesOf(row)).sort((a, b) => a.round - b.round);
  if (new Set(processes.map(({ round }) => round)).size < 2) return null;
  const title = finding(processes);
  const description =
    `Step times of ${String(processes.length)} processes, round by round, relative to the median of their variants: ` +
    'their medians and, of few, the range of blocks. The table below has the numbers.';
  return {
    id: `course-${setting.mode}`,
    title,
    description,
    caption:
      `Each mark is a process: the median of its blocks of steps, ${processes.length > mostRanges ? '' : 'the line from the fastest to the slowest, '}in per cent of ` +
      `the median over all processes of the variant (${describeSetting(setting)}). What disturbs a whole round moves all of ` +
      'its processes, and cancels in the ratios.',
    tables: [courseTable(processes)],
    spec: (style) => spec(processes, { title, description }, style),
  };
}

function processesOf({ variant, accuracy, samples }: BenchRow): Process[] {
  const timed = samples.filter(({ stepSeconds }) => stepSeconds.length > 0);
  if (timed.length === 0) return [];
  const typical = median(timed.map(({ stepSeconds }) => median(stepSeconds)));
  return timed.map(({ round, stepSeconds }) => {
    const percent = (seconds: number) => 100 * (seconds / typical - 1);
    return {
      variant,
      series: accuracy?.series ?? familyLabel(variant),
      round,
      blocks: stepSeconds.length,
      fastest: percent(Math.min(...stepSeconds)),
      middle: percent(median(stepSeconds)),
      slowest: percent(Math.max(...stepSeconds)),
      seconds: median(stepSeconds),
    };
  });
}

function finding(processes: readonly Process[]): string {
  const distances = processes.map(({ middle }) => Math.abs(middle));
  const furthest = processes.reduce((most, each) =>
    Math.abs(each.middle) > Math.abs(most.middle) ? each : most,
  );
  const typical = median(distances).toFixed(1);
  return (
    `Processes of the same variant differ by ${typical} % as a rule, at most by ${Math.abs(furthest.middle).toFixed(1)} % ` +
    `(${variantLabel(furthest.variant)}, round ${String(furthest.round)})`
  );
}

function spec(
  processes: readonly Process[],
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const { theme, layout } = style;
  const size = layout === 'wide' ? { width: 900, height: 260 } : { width: 296, height: 260 };
  const variants = [...new Set(processes.map(({ variant }) => variant))];
  const styles = seriesStyles(variants, theme);
  // Side by side within a round, in the order of the result: what a round has in common stands together.
  const place = ({ variant, round }: Process) =>
    round + 0.7 * ((variants.indexOf(variant) + 0.5) / variants.length - 0.5);
  const rounds = [...new Set(processes.map(({ round }) => round))];
  const frame: Frame = {
    ...size,
    x: {
      type: 'linear',
      low: Math.min(...rounds) - 0.5,
      high: Math.max(...rounds) + 0.5,
      ticks: rounds,
    },
    y: linearAxis(
      processes.flatMap(({ fastest, slowest }) => [fastest, slowest]),
      0.06,
      0.06,
    ),
  };
  const values = processes.map((process) => ({
    key: process.variant,
    x: place(process),
    y: process.middle,
    low: process.fastest,
    high: process.slowest,
    colour: styles.get(process.variant)?.colour ?? theme.ink,
    shape: styles.get(process.variant)?.shape ?? 'circle',
    variant: variantLabel(process.variant),
    round: String(process.round),
    step: `${inUnit(process.seconds, 1e-3)} ms`,
    range: `${process.fastest.toFixed(1)} to ${process.slowest.toFixed(1)} %`,
  }));
  const titles = { x: 'round', y: 'step time against the variant’s median, %' };
  return {
    ...topLevel(words, style),
    ...size,
    layer: [
      ...(processes.length > mostRanges
        ? []
        : [
            intervalLayer(values, { ...positionOf(frame, titles, { y: 'low' }), y2: { field: 'high' } }, 1.5),
          ]),
      pointLayer(
        values,
        positionOf(frame, titles),
        texts({ variant: 'variant', round: 'round', step: 'median step', range: 'blocks' }),
        style,
        processes.length > mostRanges ? 26 : 60,
      ),
    ],
  };
}

function courseTable(processes: readonly Process[]): Table {
  return {
    caption: 'Processes by variant',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'processes', key: 'processes', align: 'right' },
      { header: 'blocks', unit: 'each', key: 'blocks', align: 'right' },
      { header: 'step', unit: 'ms, median', key: 'step_seconds', align: 'right' },
      { header: 'fastest', unit: 'process, %', key: 'fastest_percent', align: 'right' },
      { header: 'slowest', unit: 'process, %', key: 'slowest_percent', align: 'right' },
      { header: 'slowest', unit: 'block, %', key: 'slowest_block_percent', align: 'right' },
    ],
    rows: [...groupBy(processes, ({ variant }) => variant)].map(([variant, own]) => {
      const middles = own.map(({ middle }) => middle);
      const percents = [
        Math.min(...middles),
        Math.max(...middles),
        Math.max(...own.map(({ slowest }) => slowest)),
      ];
      const seconds = median(own.map((process) => process.seconds));
      const blocks = median(own.map((process) => process.blocks));
      return {
        cells: [
          { text: variantLabel(variant), value: variant },
          { text: String(own.length), value: own.length },
          { text: String(blocks), value: blocks },
          { text: inUnit(seconds, 1e-3), value: seconds },
          ...percents.map((value) => ({ text: value.toFixed(1), value })),
        ],
      };
    }),
    notes: [
      'Per cent are against the median of the variant. The blocks of every process are in the raw result.',
    ],
  };
}
