/** Where a training step goes: its MACs and memory traffic by pass, counted, beside its time by pass, measured. */
import type { PassCounts, TrainingCounts } from '../../src/analysis/training-counts.ts';
import type { Pass } from '../../src/graph/graph.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { inUnit, significant, unknown } from '../tables/format.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { texts, topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut } from './panel.ts';
import { distinctLabels, rowFrame } from './rows.ts';

const passTitles = {
  forward: 'forward',
  dataGradient: 'data gradient',
  weightGradient: 'weight gradient',
  optimizer: 'update',
} as const satisfies Record<Pass, string>;

const passNames = Object.keys(passTitles) as Pass[];

/** Three bars a variant: more than this and nobody compares them by eye. The table has all. */
const mostDrawn = 8;

/** What each bar of a variant divides up. */
const quantities = {
  macs: 'MACs',
  bytes: 'memory traffic',
  seconds: 'time',
} as const;

type Quantity = keyof typeof quantities;

interface Bar {
  readonly variant: string;
  readonly label: string;
  readonly counts: TrainingCounts;
  /** Per step; `backward` is both gradients. Null where the run did not tell them apart. */
  readonly seconds: { readonly forward: number; readonly backward: number; readonly update: number } | null;
}

/** Null when the group is not of training, or the counts of its variants are not known. */
export function trainingCostFigure(
  { rows, setting }: SettingGroup,
  costs: ReadonlyMap<string, TrainingCounts>,
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
    `Bars that divide a training step of ${String(drawn.length)} networks into its passes: counted MACs, counted memory ` +
    `traffic${isTimed ? ', and measured time' : ''}. The table below has the numbers.`;
  return {
    id: 'training-cost',
    title,
    description,
    caption: `MACs and memory traffic (each operator on its own) are counted per image at the batch of the run (${describeSetting(setting)}). ${
      isTimed
        ? 'Time is from steps that were cut short, in sessions of their own; the two gradients cannot be told apart in it.'
        : 'Time by pass was not measured; ecfx bench --mode training --split does.'
    }${
      bars.length > mostDrawn ? ` Drawn are the first ${String(mostDrawn)} variants; the table has all.` : ''
    }`,
    tables: [costTable(bars)],
    spec: (style) => spec(drawn, { title, description }, style),
  };
}

function finding({ label, counts, seconds }: Bar): string {
  const share = counts.passes.forward.macs / counts.total.macs;
  const theory = `The forward pass is ${percent(share)} of the MACs of training ${label}`;
  if (seconds === null) return `${theory}; the gradients are the rest`;
  const { forward, backward, update } = seconds;
  return `${theory}, and ${percent(forward / (forward + backward + update))} of its time`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function traffic({ bytesRead, bytesWritten }: PassCounts): number {
  return bytesRead + bytesWritten;
}

interface Piece {
  readonly quantity: Quantity;
  readonly part: string;
  readonly amount: number;
  readonly text: string;
}

function piecesOf({ counts, seconds }: Bar): Piece[] {
  const counted = passNames.flatMap((pass): Piece[] => {
    const each = counts.passes[pass];
    const part = passTitles[pass];
    return [
      { quantity: 'macs', part, amount: each.macs, text: `${inUnit(each.macs, 1e6)} MMAC` },
      { quantity: 'bytes', part, amount: traffic(each), text: `${inUnit(traffic(each), 1e6)} MB` },
    ];
  });
  if (seconds === null) return counted;
  const timed = (part: string, amount: number): Piece => ({
    quantity: 'seconds',
    part,
    amount,
    text: `${inUnit(amount, 1e-3)} ms`,
  });
  return [
    ...counted,
    timed(passTitles.forward, seconds.forward),
    timed('both gradients', seconds.backward),
    timed(passTitles.optimizer, seconds.update),
  ];
}

function spec(bars: readonly Bar[], words: { title: string; description: string }, style: FigureStyle) {
  const { theme, layout } = style;
  const rowsOf = bars.flatMap((bar) => {
    const pieces = piecesOf(bar);
    return (Object.keys(quantities) as Quantity[]).flatMap((quantity) => {
      const own = pieces.filter((piece) => piece.quantity === quantity);
      return own.length === 0 ? [] : [{ bar, quantity, own }];
    });
  });
  const rowLabel = (bar: Bar, quantity: Quantity) =>
    layout === 'wide'
      ? `${bar.label}: ${quantities[quantity]}`
      : `${quantity === 'bytes' ? 'traffic' : quantities[quantity]}, ${bar.label}`;
  const frame = rowFrame(
    rowsOf.map(({ bar, quantity }) => rowLabel(bar, quantity)),
    style,
    22,
  );
  const order = [...Object.values(passTitles).slice(0, 3), 'both gradients', passTitles.optimizer];
  const values = rowsOf.flatMap(({ bar, quantity, own }) => {
    const total = own.reduce((sum, { amount }) => sum + amount, 0);
    let start = 0;
    return own.map(({ part, amount, text }) => {
      const share = (100 * amount) / total;
      const piece = {
        key: bar.variant,
        label: rowLabel(bar, quantity),
        part,
        start,
        end: start + share,
        variant: bar.label,
        amount: text,
        share: `${significant(share)} %`,
      };
      start += share;
      return piece;
    });
  });
  return {
    ...topLevel(words, style),
    width: frame.width,
    height: frame.height,
    data: { values },
    mark: { type: 'bar' as const },
    encoding: {
      y: frame.y,
      x: {
        field: 'start',
        type: 'quantitative' as const,
        title: 'share of the step, %',
        scale: { domain: [0, 100] },
        axis: { grid: true, tickCount: layout === 'wide' ? 10 : 4 },
      },
      x2: { field: 'end' },
      color: {
        field: 'part',
        type: 'nominal' as const,
        title: null,
        scale: {
          domain: order,
          range: [0, 3, 4, 1, 5].map((index) => theme.series[index] ?? theme.ink),
        },
        legend: {
          orient: 'bottom' as const,
          columns: layout === 'wide' ? 5 : 2,
          symbolType: 'square',
          labelColor: theme.ink,
        },
      },
      opacity: singledOut(),
      tooltip: texts({ variant: 'variant', part: 'pass', amount: 'amount', share: 'share' }),
    },
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
