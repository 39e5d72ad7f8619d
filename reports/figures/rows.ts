/** Figures that have one row a variant, its name on the left: bars and dots that share one horizontal axis. */
import { textWidth } from '../render/text-width.ts';
import type { FigureStyle } from './figure.ts';
import type { Encoding } from './panel.ts';

export interface RowFrame {
  readonly width: number;
  readonly height: number;
  /** The vertical encoding; a datum's `label` says which row it belongs to. */
  readonly y: NonNullable<Encoding['y']>;
}

const labelSize = 11;

/** Names as wide as they are, up to a third of the drawing; the axis cuts longer ones off with an ellipsis. */
export function rowFrame(labels: readonly string[], { layout }: FigureStyle, rowHeight = 28): RowFrame {
  const [full, most] = layout === 'wide' ? [960, 300] : [344, 130];
  const unique = [...new Set(labels)];
  const widest = Math.max(0, ...unique.map((label) => textWidth(label, labelSize)));
  const labelWidth = Math.min(widest, most);
  return {
    width: Math.round(full - labelWidth - 30),
    height: rowHeight * unique.length,
    y: {
      field: 'label',
      type: 'nominal',
      sort: unique,
      title: null,
      scale: { paddingInner: 0.35, paddingOuter: 0.2 },
      axis: { labelLimit: most, grid: false, labelFontSize: labelSize },
    },
  };
}

/** Labels that are told apart even where two names look the same once they are cut. */
export function distinctLabels(labels: readonly string[]): string[] {
  const met = new Map<string, number>();
  return labels.map((label) => {
    const count = (met.get(label) ?? 0) + 1;
    met.set(label, count);
    return count === 1 ? label : `${label} (${String(count)})`;
  });
}
