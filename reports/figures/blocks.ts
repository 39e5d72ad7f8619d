/** Blocks in the order of time: how each process warmed up, how steady it was then, and where garbage was collected. */
import { median } from 'simple-statistics';
import type { Sample } from '../../src/results/schema.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { inUnit, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { linearAxis } from './axis.ts';
import { pointLayer, positionOf, texts, topLevel, type Frame } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut, type Layer, type Panel } from './panel.ts';
import { distinctLabels } from './rows.ts';

/** Panels that are drawn, and processes in all of them: more are a thicket. The table has all. */
const mostPanels = 4;
const mostProcesses = 32;

/** Warm-up that is further off than so many times the range of the timed blocks would flatten them: it is drawn at the edge. */
const mostWarmUpRange = 4;

interface Block {
  /** From the end of warm-up: −1 is the last block of it, 0 the first that counts. */
  readonly place: number;
  readonly seconds: number;
  /** Of the variant's median, in per cent. */
  readonly above: number;
  /** Garbage collections during it; null when there was none. */
  readonly collections: NonNullable<Sample['collections']>[number] | null;
}

interface Course {
  readonly variant: string;
  readonly label: string;
  /** Median of the processes' medians, of the timed blocks. Seconds. */
  readonly level: number;
  readonly processes: readonly {
    readonly round: number;
    readonly firstStepSeconds: number | null;
    readonly blocks: readonly Block[];
  }[];
}

/** Null when no warm-up is in the result: then the rounds' own figure says all that there is. */
export function blocksFigure({ rows, setting }: SettingGroup): Figure | null {
  const found = rows.flatMap(({ variant, samples }) => {
    const timed = samples.filter(({ stepSeconds }) => stepSeconds.length > 0);
    if (!timed.some(({ warmUp }) => warmUp !== undefined && warmUp.stepSeconds.length > 0)) return [];
    const level = median(timed.map(({ stepSeconds }) => median(stepSeconds)));
    return [
      {
        variant,
        label: variantLabel(variant),
        level,
        processes: timed.map((sample) => ({
          round: sample.round,
          firstStepSeconds: sample.warmUp?.firstStepSeconds ?? null,
          blocks: blocksOf(sample, level),
        })),
      },
    ];
  });
  if (found.length === 0) return null;
  const labels = distinctLabels(found.map(({ label }) => label));
  const courses = found.map((each, index): Course => ({ ...each, label: labels[index]! }));
  const title = finding(courses);
  const drawn = courses.slice(0, mostPanels);
  const mostLines = Math.floor(mostProcesses / drawn.length);
  const isThinned = drawn.some(({ processes }) => processes.length > mostLines);
  const description =
    `Lines of the step time, block by block, one line a process and one panel a variant (${String(drawn.length)}), through ` +
    'warm-up and the timed blocks. The table below has the numbers.';
  return {
    id: `blocks-${setting.mode}`,
    title,
    description,
    caption:
      `Each line is a process, block by block, in per cent of the median of the variant's timed blocks (${describeSetting(setting)}). ` +
      `On grey: warm-up, which ends by a test in the first round and after as many steps in the others, and does not count. The steps before its first block are in the table. ` +
      `Diamonds: blocks during which garbage was collected; they count like all others. Arrows: blocks beyond the edge.${
        courses.length > mostPanels
          ? ` Drawn are the first ${String(mostPanels)} variants; the table has all.`
          : ''
      }${isThinned ? ` Of each variant ${String(mostLines)} processes, evenly chosen.` : ''}`,
    tables: [blocksTable(courses)],
    spec: (style) => spec(drawn, mostLines, { title, description }, style),
  };
}

function blocksOf({ stepSeconds, warmUp, collections = [] }: Sample, level: number): Block[] {
  const before = warmUp?.stepSeconds ?? [];
  const collected = new Map(collections.map((each) => [each.block, each]));
  return [...before, ...stepSeconds].map((seconds, index) => {
    const place = index - before.length;
    return { place, seconds, above: 100 * (seconds / level - 1), collections: collected.get(place) ?? null };
  });
}

const isTimed = ({ place }: Block): boolean => place >= 0;

function blocksIn(courses: readonly Course[]): Block[] {
  return courses.flatMap(({ processes }) => processes.flatMap(({ blocks }) => blocks));
}

function finding(courses: readonly Course[]): string {
  const blocks = blocksIn(courses);
  const timed = blocks.filter(isTimed);
  const collected = timed.filter(({ collections }) => collections !== null).length;
  const firsts = courses.flatMap(({ processes }) =>
    processes.flatMap((each) => each.blocks.filter(({ place }) => place < 0).slice(0, 1)),
  );
  const start = median(firsts.map(({ above }) => above));
  const scatter = median(timed.map(({ above }) => Math.abs(above)));
  const begins =
    Math.abs(start) <= 2 * scatter
      ? 'The first blocks of warm-up are as fast as what is timed'
      : `Warm-up begins ${Math.abs(start).toFixed(1)} % ${start > 0 ? 'slower' : 'faster'} than what is timed`;
  const garbage =
    collected === 0
      ? 'no timed block waited for garbage collection'
      : `garbage was collected in ${String(collected)} of ${String(timed.length)} timed blocks`;
  return `${begins}; ${garbage}`;
}

function spec(
  courses: readonly Course[],
  mostLines: number,
  words: { title: string; description: string },
  style: FigureStyle,
) {
  const isWide = style.layout === 'wide';
  const columns = isWide ? Math.min(4, courses.length) : 1;
  const frame = {
    width: isWide ? Math.round((960 - 70 * columns) / columns) : 280,
    height: isWide ? 190 : 120,
    y: stepAxis(courses),
  };
  return {
    ...topLevel(words, style),
    columns,
    spacing: isWide ? 26 : 18,
    concat: courses.map((course) =>
      coursePanel(course, mostLines, { ...frame, x: placeAxis(course) }, style),
    ),
  };
}

function placeAxis(course: Course) {
  const places = blocksIn([course]).map(({ place }) => place);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const axis = linearAxis([first - 0.5, last + 0.5], 0.02, 0.02);
  return { ...axis, ticks: axis.ticks.filter((tick) => Number.isInteger(tick)) };
}

/** All of what is timed; of warm-up what does not flatten it. */
function stepAxis(courses: readonly Course[]) {
  const blocks = blocksIn(courses);
  const timed = blocks.filter(isTimed).map(({ above }) => above);
  const [low, high] = [Math.min(...timed, -1), Math.max(...timed, 1)];
  const reach = mostWarmUpRange * (high - low);
  const within = blocks.map(({ above }) => Math.max(low - reach, Math.min(high + reach, above)));
  return linearAxis(within, 0.06, 0.06);
}

function coursePanel(
  { variant, label, processes }: Course,
  mostLines: number,
  frame: Frame,
  style: FigureStyle,
): Panel {
  const { theme } = style;
  const titles = { x: 'block after warm-up', y: 'off the median, %' };
  const position = positionOf(frame, titles);
  const step = Math.max(1, processes.length / mostLines);
  const chosen = processes.filter((_, index) => Math.floor(index / step) > Math.floor((index - 1) / step));
  const blocks = chosen.flatMap((process) =>
    process.blocks.map((block) => ({ block, round: process.round })),
  );
  const isBeyond = ({ above }: Block) => above > frame.y.high || above < frame.y.low;
  const remarkable = blocks
    .filter(({ block }) => block.collections !== null || isBeyond(block))
    .map(({ block, round }) => ({
      key: variant,
      x: block.place,
      y: Math.max(frame.y.low, Math.min(frame.y.high, block.above)),
      ...(isBeyond(block)
        ? { colour: theme.muted, shape: block.above > 0 ? 'triangle-up' : 'triangle-down' }
        : { colour: theme.series[4]!, shape: 'diamond' }),
      variant: label,
      round: String(round),
      block:
        block.place >= 0
          ? `timed block ${String(block.place + 1)}`
          : `warm-up, ${String(-block.place)} before its end`,
      step: `${inUnit(block.seconds, 1e-3)} ms`,
      garbage: collectionText(block),
    }));
  const tooltip = texts({
    variant: 'variant',
    round: 'round',
    block: 'block',
    step: 'step',
    garbage: 'garbage',
  });
  // The line of the timed blocks begins at the last of warm-up, so that no gap looks like a pause.
  const line = (isWanted: (block: Block) => boolean, colour: string): Layer => ({
    data: {
      values: blocks
        .filter(({ block }) => isWanted(block))
        .map(({ block: { place, above }, round }) => ({
          key: variant,
          round,
          x: place,
          y: Number(above.toPrecision(4)),
        })),
    },
    mark: { type: 'line', strokeWidth: 1.25, strokeOpacity: 0.75, color: colour, clip: true, tooltip: null },
    encoding: {
      ...position,
      detail: { field: 'round', type: 'nominal' },
      opacity: singledOut(),
    },
  });
  return {
    title: { text: label, limit: frame.width },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: [{ x: frame.x.low, end: -0.5 }] },
        mark: { type: 'rect', color: theme.grid, opacity: 0.6, tooltip: null },
        encoding: { x: position.x!, x2: { field: 'end' } },
      },
      line(({ place }) => place <= -1, theme.muted),
      line(({ place }) => place >= -1, theme.series[0]!),
      ...(remarkable.length === 0 ? [] : [pointLayer(remarkable, position, tooltip, style, 50)]),
    ],
  };
}

function collectionText({ collections }: Block): string {
  if (collections === null) return 'none collected';
  const { minor, major, seconds } = collections;
  return `${String(minor)} minor, ${String(major)} major, ${inUnit(seconds, 1e-3)} ms`;
}

function blocksTable(courses: readonly Course[]): Table {
  const signed = (value: number | null) => ({
    text: value === null ? unknown : `${value > 0 ? '+' : ''}${value.toFixed(1)}`,
    value,
  });
  const medianOf = (values: readonly number[]) => (values.length === 0 ? null : median([...values]));
  return {
    caption: 'Warm-up, timed blocks and garbage collections by variant',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'processes', key: 'processes', align: 'right' },
      { header: 'first step', unit: 'ms, median', key: 'first_step_seconds', align: 'right' },
      { header: 'warm-up', unit: 'blocks, median', key: 'warm_up_blocks', align: 'right' },
      { header: 'its first', unit: 'block, %', key: 'first_block_percent', align: 'right' },
      { header: 'its last', unit: 'block, %', key: 'last_block_percent', align: 'right' },
      { header: 'timed', unit: 'blocks', key: 'timed_blocks', align: 'right' },
      { header: 'with garbage', unit: 'collected', key: 'collected_blocks', align: 'right' },
      { header: 'collecting', unit: 'ms in all', key: 'collection_seconds', align: 'right' },
    ],
    rows: courses.map((course) => {
      const { variant, label, processes } = course;
      const timed = blocksIn([course]).filter(isTimed);
      const collected = timed.flatMap(({ collections }) => (collections === null ? [] : [collections]));
      const warmUps = processes.map(({ blocks }) => blocks.filter(({ place }) => place < 0));
      const firstStep = medianOf(
        processes.flatMap(({ firstStepSeconds }) => (firstStepSeconds === null ? [] : [firstStepSeconds])),
      );
      const seconds = collected.reduce((sum, each) => sum + each.seconds, 0);
      const warmUpBlocks = medianOf(warmUps.map(({ length }) => length));
      return {
        cells: [
          { text: label, value: variant },
          { text: String(processes.length), value: processes.length },
          { text: inUnit(firstStep, 1e-3), value: firstStep },
          { text: String(warmUpBlocks), value: warmUpBlocks },
          signed(medianOf(warmUps.flatMap(([first]) => (first === undefined ? [] : [first.above])))),
          signed(
            medianOf(
              warmUps.flatMap((blocks) => {
                const last = blocks.at(-1);
                return last === undefined ? [] : [last.above];
              }),
            ),
          ),
          { text: String(timed.length), value: timed.length },
          { text: String(collected.length), value: collected.length },
          { text: inUnit(seconds, 1e-3), value: seconds },
        ],
      };
    }),
    notes: ['Per cent are against the median of the variant’s timed blocks; medians over processes.'],
  };
}
