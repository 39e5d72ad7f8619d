/**
 * Where a training step goes: its MACs and memory traffic by pass and kind of operator, counted, beside its time by pass,
 * measured.
 */
import { buckets, type Bucket } from '../../src/analysis/buckets.ts';
import type { PassCounts, TrainingBreakdown } from '../../src/analysis/training-counts.ts';
import type { Pass } from '../../src/graph/graph.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { inUnit, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { linearAxis } from './axis.ts';
import { bandFrame, type BandFrame } from './bands.ts';
import { quantityScale, texts, topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut, type Layer, type Panel, type Position } from './panel.ts';
import { distinctLabels } from './rows.ts';

const passTitles = {
  forward: 'forward',
  dataGradient: 'data gradient',
  weightGradient: 'weight gradient',
  optimizer: 'update',
} as const satisfies Record<Pass, string>;

const passNames = Object.keys(passTitles) as Pass[];

const bucketTitles = {
  pointwise: '1×1 convolutions, dense',
  spatial: 'spatial convolutions',
  normalization: 'normalization',
  activation: 'activations',
  elementwise: 'elementwise and layout',
  update: 'optimizer',
} as const satisfies Record<Bucket, string>;

/** Five lines a variant: of more variants than this nobody compares them by eye. The tables have all. */
const mostDrawn = 6;

interface Bar {
  readonly variant: string;
  readonly label: string;
  readonly counts: TrainingBreakdown;
  /** Per step; `backward` is both gradients. Null where the run did not tell them apart. */
  readonly seconds: { readonly forward: number; readonly backward: number; readonly update: number } | null;
}

/** Null when the group is not of training, or the counts of its variants are not known. */
export function trainingCostFigure(
  { rows, setting }: SettingGroup,
  costs: ReadonlyMap<string, TrainingBreakdown>,
): Figure | null {
  if (setting.mode !== 'training') return null;
  const known = rows.flatMap(({ variant, split, stepSeconds }) => {
    const counts = costs.get(variant);
    if (counts === undefined) return [];
    const seconds =
      split && stepSeconds
        ? {
            forward: split.forward,
            backward: Math.max(0, split.backward - split.forward),
            update: Math.max(0, stepSeconds.estimate - split.backward),
          }
        : null;
    return [{ variant, counts, seconds }];
  });
  if (known.length === 0) return null;
  const labels = distinctLabels(known.map(({ variant }) => variantLabel(variant)));
  const bars = known.map((bar, index): Bar => ({ ...bar, label: labels[index]! }));
  const drawn = bars.slice(0, mostDrawn);
  const title = finding(bars[0]!);
  const isTimed = bars.some(({ seconds }) => seconds !== null);
  const description =
    `Bars of what each pass of a training step of ${String(drawn.length)} networks costs: counted MACs and memory traffic by ` +
    `kind of operator${isTimed ? ', and measured time' : ''}. The tables below have the numbers.`;
  return {
    id: 'training-cost',
    title,
    description,
    caption: `MACs and memory traffic (each operator on its own) are counted per image at the batch of the run (${describeSetting(setting)}). Per cent are of the whole step. ${
      isTimed
        ? 'Time is from steps that were cut short, in sessions of their own; the two gradients cannot be told apart in it, nor can kinds of operators.'
        : 'Time by pass was not measured; ecfx bench --mode training --split does.'
    }${
      bars.length > mostDrawn
        ? ` Drawn are the first ${String(mostDrawn)} variants; the tables have all.`
        : ''
    }`,
    tables: [costTable(bars), bucketTable(bars)],
    spec: (style) => spec(drawn, { title, description }, style),
  };
}

function finding({ label, counts, seconds }: Bar): string {
  const share = counts.passes.forward.macs / counts.total.macs;
  const theory = `The forward pass is ${percent(share)} of the MACs of training ${label}`;
  const moved = buckets.map((bucket) => ({
    bucket,
    bytes: passNames.reduce((sum, pass) => sum + traffic(counts.buckets[pass][bucket]), 0),
  }));
  const most = moved.reduce((best, each) => (each.bytes > best.bytes ? each : best));
  const memory = `most memory traffic is for ${bucketTitles[most.bucket]} (${percent(most.bytes / traffic(counts.total))})`;
  if (seconds === null) return `${theory}; ${memory}`;
  const { forward, backward, update } = seconds;
  return `${theory}, and ${percent(forward / (forward + backward + update))} of its time; ${memory}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function traffic({ bytesRead, bytesWritten }: PassCounts): number {
  return bytesRead + bytesWritten;
}

/** A heading and the passes. */
const linesPerVariant = 1 + passNames.length;

function spec(bars: readonly Bar[], words: { title: string; description: string }, style: FigureStyle) {
  const isTimed = bars.some(({ seconds }) => seconds !== null);
  const frame = bandFrame(
    bars.flatMap(({ label }) => [label, ...Object.values(passTitles)]),
    style,
    { panels: isTimed ? 3 : 2, bandHeight: 16, isHeading: (band) => band % linesPerVariant === 0 },
  );
  const macs = ({ macs: amount }: PassCounts) => amount;
  return frame.arrange(topLevel(words, style), [
    countedPanel(
      bars,
      0,
      { title: 'MACs', unit: 'MMAC', axis: 'million, per image', of: macs },
      frame,
      style,
    ),
    countedPanel(
      bars,
      1,
      { title: 'Memory traffic', unit: 'MB', axis: 'megabytes, per image', of: traffic },
      frame,
      style,
    ),
    ...(isTimed ? [timePanel(bars, 2, frame, style)] : []),
  ]);
}

interface Counted {
  readonly title: string;
  readonly unit: string;
  readonly axis: string;
  readonly of: (counts: PassCounts) => number;
}

/** Of a band, what stays free above and below a bar. */
const inset = 0.1;

function countedPanel(
  bars: readonly Bar[],
  panel: number,
  { title, unit, axis, of }: Counted,
  frame: BandFrame,
  style: FigureStyle,
): Panel {
  const values = bars.flatMap(({ variant, label, counts }, index) =>
    passNames.flatMap((pass, line) => {
      let start = 0;
      const y = linesPerVariant * index + 1 + line;
      return buckets.flatMap((bucket) => {
        const amount = of(counts.buckets[pass][bucket]);
        if (amount === 0) return [];
        const x = start;
        start += amount;
        return [
          {
            ...{ y: y + inset, bottom: y + 1 - inset, x: x / 1e6, end: start / 1e6 },
            key: variant,
            variant: label,
            pass: passTitles[pass],
            bucket: bucketTitles[bucket],
            amount: `${inUnit(amount, 1e6)} ${unit}`,
            share: percent(amount / of(counts.total)),
          },
        ];
      });
    }),
  );
  const shares = bars.flatMap(({ variant, counts }, index) =>
    passNames.map((pass, line) => {
      const amount = of(counts.passes[pass]);
      const y = linesPerVariant * index + 1.5 + line;
      return { key: variant, y, x: amount / 1e6, text: percent(amount / of(counts.total)) };
    }),
  );
  const { theme, layout } = style;
  const [x, y] = [amountAxis(shares, axis), frame.y(panel)];
  return {
    title: { text: title },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values },
        mark: { type: 'rect' },
        encoding: {
          x,
          x2: { field: 'end' },
          y,
          y2: { field: 'bottom' },
          color: {
            field: 'bucket',
            type: 'nominal',
            title: null,
            scale: {
              domain: buckets.map((bucket) => bucketTitles[bucket]),
              range: [0, 4, 3, 2, 1, 5].map((index) => theme.series[index] ?? theme.ink),
            },
            legend: {
              orient: 'bottom',
              columns: layout === 'wide' ? buckets.length : 2,
              symbolType: 'square',
              labelColor: theme.ink,
            },
          },
          opacity: singledOut(),
          tooltip: texts({
            variant: 'variant',
            pass: 'pass',
            bucket: 'operators',
            amount: 'amount',
            share: 'of the step',
          }),
        },
      },
      shareLayer(shares, x, y, style),
    ],
  };
}

function timePanel(bars: readonly Bar[], panel: number, frame: BandFrame, style: FigureStyle): Panel {
  const values = bars.flatMap(({ variant, label, seconds }, index) => {
    if (seconds === null) return [];
    const total = seconds.forward + seconds.backward + seconds.update;
    const top = linesPerVariant * index + 1;
    const piece = (pass: string, amount: number, from: number, lines: number) => ({
      ...{ y: top + from + inset, bottom: top + from + lines - inset, x: 0, end: 1e3 * amount },
      middle: top + from + lines / 2,
      key: variant,
      variant: label,
      pass,
      amount: `${inUnit(amount, 1e-3)} ms`,
      share: percent(amount / total),
    });
    return [
      piece(passTitles.forward, seconds.forward, 0, 1),
      piece('both gradients', seconds.backward, 1, 2),
      piece(passTitles.optimizer, seconds.update, 3, 1),
    ];
  });
  const shares = values.map(({ key, middle, end, share }) => ({ key, y: middle, x: end, text: share }));
  const [x, y] = [amountAxis(shares, 'milliseconds, per step'), frame.y(panel)];
  return {
    title: { text: 'Time, measured' },
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values },
        mark: { type: 'rect', color: style.theme.muted },
        encoding: {
          x,
          x2: { field: 'end' },
          y,
          y2: { field: 'bottom' },
          opacity: singledOut(),
          tooltip: texts({ variant: 'variant', pass: 'pass', amount: 'amount', share: 'of the step' }),
        },
      },
      shareLayer(shares, x, y, style),
    ],
  };
}

/** From zero, with room for the shares beside the longest bar. */
function amountAxis(ends: readonly { readonly x: number }[], title: string) {
  const axis = linearAxis([0, ...ends.map((end) => end.x)], 0, 0.16);
  return {
    field: 'x',
    type: 'quantitative' as const,
    title,
    scale: quantityScale(axis),
    axis: { values: [...axis.ticks], labelExpr: "format(datum.value, ',')", labelOverlap: true },
  };
}

function shareLayer(
  values: object[],
  x: ReturnType<typeof amountAxis>,
  y: NonNullable<Position['y']>,
  { theme }: FigureStyle,
): Layer {
  return {
    data: { values },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      dx: 4,
      fontSize: 10,
      color: theme.muted,
      tooltip: null,
    },
    encoding: { x, y, text: { field: 'text', type: 'nominal' }, opacity: singledOut() },
  };
}

function costTable(bars: readonly Bar[]): Table {
  return {
    caption: 'A training step by pass, counts per image',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'pass', key: 'pass', align: 'left' },
      { header: 'MACs', unit: 'M', key: 'macs', align: 'right' },
      { header: 'other', unit: 'Mop', key: 'other_operations', align: 'right' },
      { header: 'moved', unit: 'MB', key: 'bytes', align: 'right' },
      { header: 'time', unit: 'ms / step', key: 'seconds', align: 'right' },
    ],
    rows: bars.flatMap(({ variant, label, counts, seconds }) =>
      passNames.map((pass) => {
        const { macs, arithmetic, transcendental } = counts.passes[pass];
        const bytes = traffic(counts.passes[pass]);
        const time =
          seconds === null || pass === 'weightGradient'
            ? null
            : { forward: seconds.forward, dataGradient: seconds.backward, optimizer: seconds.update }[pass];
        const isBoth = pass === 'dataGradient' && seconds !== null;
        return {
          cells: [
            { text: label, value: variant },
            { text: passTitles[pass], value: pass },
            { text: inUnit(macs, 1e6), value: macs },
            { text: inUnit(arithmetic + transcendental, 1e6), value: arithmetic + transcendental },
            { text: inUnit(bytes, 1e6), value: bytes },
            {
              text: time === null ? unknown : `${inUnit(time, 1e-3)}${isBoth ? ' (both gradients)' : ''}`,
              value: time,
            },
          ],
        };
      }),
    ),
    notes: [
      'What is done once per step (the update, proxy statistics) is shared out over the images of a batch.',
    ],
  };
}

function bucketTable(bars: readonly Bar[]): Table {
  return {
    caption: 'A training step by pass and kind of operator, counts per image',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'pass', key: 'pass', align: 'left' },
      { header: 'operators', key: 'operators', align: 'left' },
      { header: 'MACs', unit: 'M', key: 'macs', align: 'right' },
      { header: 'other', unit: 'Mop', key: 'other_operations', align: 'right' },
      { header: 'moved', unit: 'MB', key: 'bytes', align: 'right' },
      { header: 'moved', unit: '% of step', key: 'share_of_bytes', align: 'right' },
    ],
    rows: bars.flatMap(({ variant, label, counts }) =>
      passNames.flatMap((pass) =>
        buckets.flatMap((bucket) => {
          const own = counts.buckets[pass][bucket];
          const [bytes, other] = [traffic(own), own.arithmetic + own.transcendental];
          if (bytes === 0 && own.macs === 0 && other === 0) return [];
          const share = bytes / traffic(counts.total);
          return [
            {
              cells: [
                { text: label, value: variant },
                { text: passTitles[pass], value: pass },
                { text: bucketTitles[bucket], value: bucket },
                { text: inUnit(own.macs, 1e6), value: own.macs },
                { text: inUnit(other, 1e6), value: other },
                { text: inUnit(bytes, 1e6), value: bytes },
                { text: (100 * share).toFixed(1), value: share },
              ],
            },
          ];
        }),
      ),
    ),
    notes: [],
  };
}
