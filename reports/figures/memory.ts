/** Memory: what liveness over the graph predicts, part by part, beside the measured peak. */
import type { PredictedMemory } from '../../src/results/schema.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { formatBytes, formatRatio, inUnit } from '../tables/format.ts';
import type { Theme } from '../render/theme.ts';
import type { Table } from '../tables/table.ts';
import { variantLabel } from '../variant-label.ts';
import { texts, topLevel } from './chart.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { singledOut } from './panel.ts';
import { distinctLabels, rowFrame } from './rows.ts';

/** From what every process holds to what only a step needs. */
const parts = {
  process: 'process and session',
  parameters: 'weights and statistics',
  optimizerState: 'optimizer state',
  gradients: 'gradients',
  activations: 'activations',
  stateCopies: 'copies of the next state',
  layoutCopies: 'copies in other layouts',
  inputs: 'inputs',
} as const;

type Part = keyof typeof parts;

interface Bar {
  readonly variant: string;
  readonly label: string;
  readonly predicted: PredictedMemory;
  readonly measured: number;
}

/** Null when nothing was predicted. */
export function memoryFigure({ rows, setting }: SettingGroup): Figure | null {
  const known = rows.flatMap(({ variant, predictedMemory: predicted, peakMemoryBytes: measured }) =>
    predicted && measured !== null ? [{ variant, predicted, measured }] : [],
  );
  if (known.length === 0) return null;
  const labels = distinctLabels(known.map(({ variant }) => variantLabel(variant)));
  const bars = known.map((bar, index): Bar => ({ ...bar, label: labels[index]! }));
  const title = finding(bars);
  const description =
    `Stacked bars of the predicted peak memory of ${String(bars.length)} networks (${setting.mode}), with a mark at the ` +
    'measured peak. The table below has the numbers.';
  return {
    id: `memory-${setting.mode}`,
    title,
    description,
    caption:
      `Bars: predicted from the graph (which tensors are alive at once) on top of what the process held before the first ` +
      `step. Diamonds: the largest resident memory of a process that ran it (${describeSetting(setting)}).`,
    tables: [memoryTable(bars)],
    spec: (style) => spec(bars, { title, description }, style),
  };
}

function finding(bars: readonly Bar[]): string {
  const ratios = bars.map(({ predicted, measured }) => measured / predicted.total);
  const furthest = bars.reduce((most, bar) => (distance(bar) > distance(most) ? bar : most));
  const share = Math.max(...ratios.map((ratio) => Math.abs(ratio - 1)));
  if (share < 0.1) return `Predicted peak memory is within ${(100 * share).toFixed(0)} % of the measured one`;
  return `${variantLabel(furthest.variant)} takes ${formatRatio(furthest.measured / furthest.predicted.total)} the memory that its graph predicts`;
}

function distance({ predicted, measured }: Bar): number {
  return Math.abs(Math.log(measured / predicted.total));
}

function bytesOf(predicted: PredictedMemory, part: Part): number {
  return part === 'parameters' ? predicted.parameters + predicted.buffers : (predicted[part] ?? 0);
}

/** The same in every figure. */
function colourOf(part: Part, theme: Theme): string {
  return theme.series[Object.keys(parts).indexOf(part)] ?? theme.ink;
}

function spec(bars: readonly Bar[], words: { title: string; description: string }, style: FigureStyle) {
  const frame = rowFrame(
    bars.map(({ label }) => label),
    style,
  );
  const { theme, layout } = style;
  // Inference has no gradients, and nothing should look for them.
  const names = (Object.keys(parts) as Part[]).filter((part) =>
    bars.some(({ predicted }) => bytesOf(predicted, part) > 0),
  );
  const pieces = bars.flatMap(({ variant, label, predicted }) => {
    let start = 0;
    return names.map((part) => {
      const bytes = bytesOf(predicted, part);
      const piece = {
        key: variant,
        label,
        part: parts[part],
        start: start / 1e6,
        end: (start + bytes) / 1e6,
        colour: colourOf(part, theme),
        variant: label,
        bytes: formatBytes(bytes),
      };
      start += bytes;
      return piece;
    });
  });
  const peaks = bars.map(({ variant, label, measured }) => ({
    key: variant,
    label,
    x: measured / 1e6,
    part: 'measured peak',
    variant: label,
    bytes: formatBytes(measured),
  }));
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'megabytes',
    axis: { grid: true, tickCount: layout === 'wide' ? 8 : 4, format: ',.0f' },
  });
  const tooltip = texts({ variant: 'variant', part: 'part', bytes: 'memory' });
  return {
    ...topLevel(words, style),
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: pieces },
        mark: { type: 'bar' as const },
        encoding: {
          y: frame.y,
          x: x('start'),
          x2: { field: 'end' },
          color: {
            field: 'part',
            type: 'nominal' as const,
            sort: null,
            title: null,
            scale: {
              domain: names.map((part) => parts[part]),
              range: names.map((part) => colourOf(part, theme)),
            },
            legend: {
              orient: 'bottom' as const,
              columns: layout === 'wide' ? 4 : 2,
              symbolType: 'square',
              labelColor: theme.ink,
              labelLimit: 160,
            },
          },
          opacity: singledOut(),
          tooltip,
        },
      },
      {
        data: { values: peaks },
        mark: {
          type: 'point' as const,
          shape: 'diamond',
          size: 110,
          filled: true,
          color: theme.ink,
          stroke: theme.surface,
          strokeWidth: 1.5,
        },
        encoding: { y: frame.y, x: x('x'), opacity: singledOut(), tooltip },
      },
    ],
  };
}

function memoryTable(bars: readonly Bar[]): Table {
  const names = Object.keys(parts) as Part[];
  return {
    caption: 'Peak memory, predicted and measured',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      ...names.map((part) => ({
        header: parts[part],
        unit: 'MB',
        key: `${part}_bytes`,
        align: 'right' as const,
      })),
      { header: 'predicted', unit: 'MB', key: 'predicted_bytes', align: 'right' },
      { header: 'measured', unit: 'MB', key: 'measured_bytes', align: 'right' },
      { header: 'measured', unit: '/ predicted', key: 'measured_over_predicted', align: 'right' },
    ],
    rows: bars.map(({ variant, label, predicted, measured }) => ({
      cells: [
        { text: label, value: variant },
        ...names.map((part) => {
          const bytes = bytesOf(predicted, part);
          return { text: inUnit(bytes, 1e6), value: bytes };
        }),
        { text: inUnit(predicted.total, 1e6), value: predicted.total },
        { text: inUnit(measured, 1e6), value: measured },
        { text: formatRatio(measured / predicted.total), value: measured / predicted.total },
      ],
    })),
    notes: [],
  };
}
