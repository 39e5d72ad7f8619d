/**
 * The course of a run: every process in the order in which it ran, its blocks against its variant's own median, and what
 * the machine did meanwhile.
 */
import { median } from 'simple-statistics';
import type { BenchRow } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { inUnit, significant, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { familyLabel, variantLabel } from '../variant-label.ts';
import { linearAxis } from './axis.ts';
import { intervalLayer, pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { nameLegend } from './name-legend.ts';
import type { Panel } from './panel.ts';
import { seriesStyles } from './series-style.ts';

/** One process: where its blocks lie, in per cent of the variant's median step time. */
interface Process {
  readonly variant: string;
  readonly series: string;
  readonly round: number;
  /** Place in the round, from 1; null in older files. */
  readonly position: number | null;
  readonly blocks: number;
  readonly fastest: number;
  readonly middle: number;
  readonly slowest: number;
  readonly seconds: number;
  readonly clockHertz: number | null;
  /** Of all cores' time, what other processes used. */
  readonly otherProcesses: number | null;
}

/** Below this share of all cores' time nobody disturbs anybody. */
const noticedShare = 0.01;

/** Processes of which the range of blocks is drawn too; of more it would be a thicket. */
const mostRanges = 120;

/** Null with fewer than two rounds. */
export function courseFigure({ rows, setting }: SettingGroup): Figure | null {
  const processes = rows.flatMap((row) => processesOf(row)).sort((a, b) => a.round - b.round);
  if (new Set(processes.map(({ round }) => round)).size < 2) return null;
  const title = finding(processes);
  const surroundings = surroundingsOf(processes);
  const isCut = processes.some(({ slowest }) => slowest > reachOf(processes));
  const description =
    `Step times of ${String(processes.length)} processes, round by round, relative to the median of their variants: ` +
    `their medians and, of few, the range of blocks${surroundings.map(({ words }) => `; below them ${words}`).join('')}. ` +
    'The table below has the numbers.';
  return {
    id: `course-${setting.mode}`,
    title,
    description,
    caption:
      `Each mark is a process: the median of its blocks of steps, ${processes.length > mostRanges ? '' : `the line from the fastest to the slowest${isCut ? ' (cut where it would flatten all others)' : ''}, `}in per cent of ` +
      `the median over all processes of the variant (${describeSetting(setting)}). What disturbs a whole round moves all of ` +
      `its processes, and cancels in the ratios.${surroundings.map(({ caption }) => ` ${caption}`).join('')}${
        surroundings.length > 0 && processes.length > mostRanges
          ? ' Of these the median of each round is drawn.'
          : ''
      }`,
    tables: [courseTable(processes)],
    spec: (style) => spec(processes, surroundings, { title, description }, style),
  };
}

/** Per cent off the median beyond which lines are cut: one block in which the machine stood still would flatten all others. */
function reachOf(processes: readonly Process[]): number {
  return 4 * Math.max(2, ...processes.map(({ middle }) => Math.abs(middle)));
}

/** What the machine did while a process ran, of which a panel is drawn where it is known. */
interface Surrounding {
  readonly title: string;
  readonly words: string;
  readonly caption: string;
  /** In the unit of the title; null where unknown. */
  readonly of: (process: Process) => number | null;
}

function surroundingsOf(processes: readonly Process[]): Surrounding[] {
  const clock: Surrounding = {
    title: 'clock, GHz',
    words: 'the clock',
    caption:
      'Clock: read at the end of each process, of the graphics card where that computed, else the mean over cores.',
    of: ({ clockHertz }) => (clockHertz === null ? null : clockHertz / 1e9),
  };
  const others: Surrounding = {
    title: 'others, %',
    words: 'what other processes used of all cores’ time',
    caption: 'Others: what other processes used of all cores’ time meanwhile.',
    of: ({ otherProcesses }) => (otherProcesses === null ? null : 100 * otherProcesses),
  };
  return [
    ...(processes.some(({ clockHertz }) => clockHertz !== null) ? [clock] : []),
    ...(processes.some(({ otherProcesses }) => (otherProcesses ?? 0) > noticedShare) ? [others] : []),
  ];
}

function processesOf({ variant, accuracy, samples }: BenchRow): Process[] {
  const timed = samples.filter(({ stepSeconds }) => stepSeconds.length > 0);
  if (timed.length === 0) return [];
  const typical = median(timed.map(({ stepSeconds }) => median(stepSeconds)));
  return timed.map(({ round, position = null, stepSeconds, clockHertz = null, otherProcesses = null }) => {
    const percent = (seconds: number) => 100 * (seconds / typical - 1);
    return {
      variant,
      series: accuracy?.series ?? familyLabel(variant),
      round,
      position,
      blocks: stepSeconds.length,
      fastest: percent(Math.min(...stepSeconds)),
      middle: percent(median(stepSeconds)),
      slowest: percent(Math.max(...stepSeconds)),
      seconds: median(stepSeconds),
      clockHertz,
      otherProcesses,
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
  surroundings: readonly Surrounding[],
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const { theme, layout } = style;
  const width = layout === 'wide' ? 900 : 280;
  const variants = [...new Set(processes.map(({ variant }) => variant))];
  const styles = seriesStyles(variants, theme);
  const places = placesOf(processes, variants);
  const reach = reachOf(processes);
  const rounds = [...new Set(processes.map(({ round }) => round))];
  const x: Frame['x'] = {
    type: 'linear',
    low: Math.min(...rounds) - 0.5,
    high: Math.max(...rounds) + 0.5,
    ticks: rounds,
  };
  const values = processes.map((process) => ({
    key: process.variant,
    x: Number(places.get(process)!.toFixed(3)),
    y: Number(process.middle.toPrecision(5)),
    low: Number(Math.max(process.fastest, -reach).toPrecision(5)),
    high: Number(Math.min(process.slowest, reach).toPrecision(5)),
    colour: styles.get(process.variant)?.colour ?? theme.ink,
    shape: styles.get(process.variant)?.shape ?? 'circle',
    variant: variantLabel(process.variant),
    round: String(process.round),
    step: `${inUnit(process.seconds, 1e-3)} ms`,
    range: `${process.fastest.toFixed(1)} to ${process.slowest.toFixed(1)} %`,
  }));
  const isCrowded = processes.length > mostRanges;
  const frame: Frame = {
    width,
    height: 260,
    x,
    y: linearAxis(
      values.flatMap(({ y, low, high }) => (isCrowded ? [y] : [low, high])),
      0.06,
      0.06,
    ),
  };
  const titles = { x: 'round', y: 'step time against the variant’s median, %' };
  const points = pointLayer(
    values,
    positionOf(frame, titles),
    texts({ variant: 'variant', round: 'round', step: 'median step', range: 'blocks' }),
    style,
    isCrowded ? 26 : 60,
  );
  const steps: Panel = {
    width,
    height: frame.height,
    layer: [
      ...(isCrowded
        ? []
        : [
            intervalLayer(values, { ...positionOf(frame, titles, { y: 'low' }), y2: { field: 'high' } }, 1.5),
          ]),
      points,
    ],
  };
  const below = surroundings.map(({ title, of }): Panel => {
    const known = values.flatMap((value, index) => {
      const y = of(processes[index]!);
      return y === null ? [] : [{ ...value, y, known: significant(y) }];
    });
    const shown = isCrowded ? middles(known) : known;
    const own: Frame = {
      width,
      height: 80,
      x,
      y: linearAxis(
        known.map(({ y }) => y),
        0.1,
        0.1,
      ),
    };
    return {
      width,
      height: own.height,
      layer: [
        pointLayer(
          shown,
          positionOf(own, { x: 'round', y: title }),
          texts({ variant: 'variant', round: 'round', known: title }),
          style,
          36,
        ),
      ],
    };
  });
  return {
    ...topLevel(words, style),
    spacing: 14,
    vconcat: [...nameLegend(variants, styles, width, style), steps, ...below],
  };
}

/** Of many marks, for each round the one in the middle. */
function middles<Mark extends { readonly round: string; readonly y: number }>(
  marks: readonly Mark[],
): Mark[] {
  return [...groupBy(marks, ({ round }) => round).values()].map((own) => {
    const sorted = own.toSorted((a, b) => a.y - b.y);
    return sorted[Math.floor(sorted.length / 2)]!;
  });
}

/** Side by side within a round, in the order in which they ran; in older files in that of the result. */
function placesOf(processes: readonly Process[], variants: readonly string[]): Map<Process, number> {
  const rounds = groupBy(processes, ({ round }) => round);
  const orders = [...rounds].flatMap(([round, own]) => {
    const places = Math.max(variants.length, ...own.map(({ position }) => position ?? 0));
    return own.map((process): [Process, number] => {
      const place = process.position ?? variants.indexOf(process.variant) + 1;
      return [process, round + 0.8 * ((place - 0.5) / places - 0.5)];
    });
  });
  return new Map(orders);
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
      { header: 'clock', unit: 'GHz, median', key: 'clock_hertz', align: 'right' },
      { header: 'others', unit: '% of time, most', key: 'other_processes', align: 'right' },
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
      const clocks = own.map(({ clockHertz }) => clockHertz).filter((clock) => clock !== null);
      const others = own.map(({ otherProcesses }) => otherProcesses).filter((share) => share !== null);
      const clock = clocks.length === 0 ? null : median(clocks);
      const most = others.length === 0 ? null : Math.max(...others);
      return {
        cells: [
          { text: variantLabel(variant), value: variant },
          { text: String(own.length), value: own.length },
          { text: String(blocks), value: blocks },
          { text: inUnit(seconds, 1e-3), value: seconds },
          ...percents.map((value) => ({ text: value.toFixed(1), value })),
          { text: inUnit(clock, 1e9), value: clock },
          { text: most === null ? unknown : (100 * most).toFixed(1), value: most },
        ],
      };
    }),
    notes: [
      'Per cent are against the median of the variant. The blocks of every process are in the raw result.',
    ],
  };
}
