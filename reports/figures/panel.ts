/** What the panels of all figures share: rectangles with a logarithmic x axis, and text at computed places. */
import type { CompositeEncoding } from 'vega-lite/types_unstable/compositemark/index.js';
import type { LayerSpec, UnitSpec } from 'vega-lite/types_unstable/spec/index.js';
import { textWidth } from '../render/text-width.ts';
import type { FigureStyle } from './figure.ts';
import type { LabelPlace, LabelRequest } from './label-placement.ts';

type Field = string;

/** A layered view, as it stands inside a concatenation. */
export type Panel = LayerSpec<Field>;
export type Layer = UnitSpec<Field>;
export type Encoding = CompositeEncoding<Field>;
export type Position = Pick<Encoding, 'x' | 'y'>;
export type Tooltip = NonNullable<Encoding['tooltip']>;

export interface Label extends LabelPlace {
  /** In the units of the axes. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Degrees, clockwise; offsets turn with it. */
  readonly angle?: number;
  /** The variant that it belongs to: it fades with its point. */
  readonly key?: string;
}

export interface LabelLook {
  readonly fontSize: number;
  readonly isBold: boolean;
}

/** Full opacity, or next to none for marks of other variants than the one that the page singles out by its `key`. */
export function singledOut(full = 1): NonNullable<Encoding['opacity']> {
  return { condition: { test: "highlight === '' || datum.key === highlight", value: full }, value: 0.1 };
}

export function labelRequest(text: string, x: number, y: number, look: LabelLook): LabelRequest {
  return { x, y, width: textWidth(text, look.fontSize, look.isBold), height: look.fontSize + 2 };
}

/**
 * Text at the labels' places, in front of a halo in the surface's colour that keeps it legible on lines.
 * `position` is the x and y encoding of the panel, whose fields must be `x` and `y`.
 */
export function labelLayers(
  labels: readonly Label[],
  position: Position,
  look: LabelLook,
  colour: string,
  { theme }: FigureStyle,
): Layer[] {
  const data = { values: labels.map((label) => ({ angle: 0, ...label })) };
  const encoding: Encoding = {
    ...position,
    text: { field: 'text', type: 'nominal' },
    ...(labels.some(({ key }) => key !== undefined) ? { opacity: singledOut() } : {}),
  };
  const text = (paint: { color: string; stroke?: string; strokeWidth?: number }): Layer => ({
    data,
    mark: {
      type: 'text',
      baseline: 'middle',
      align: { expr: 'datum.align' },
      dx: { expr: 'datum.dx' },
      dy: { expr: 'datum.dy' },
      angle: { expr: 'datum.angle' },
      fontSize: look.fontSize,
      fontWeight: look.isBold ? 600 : 400,
      strokeJoin: 'round',
      tooltip: null,
      ...paint,
    },
    encoding,
  });
  return [text({ color: theme.surface, stroke: theme.surface, strokeWidth: 3 }), text({ color: colour })];
}
