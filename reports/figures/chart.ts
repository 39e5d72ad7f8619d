/** What the specifications of all figures share: the frame they are drawn in, and marks that the page can single out. */
import { textWidth } from '../render/text-width.ts';
import { figureConfig } from '../render/theme.ts';
import { axisPosition, type Axis } from './axis.ts';
import type { FigureStyle } from './figure.ts';
import { singledOut, type Encoding, type Layer, type Position, type Tooltip } from './panel.ts';

export interface Words {
  readonly title: string;
  readonly description: string;
}

const titleSize = 15;

/** Whole words in lines of at most so many pixels. */
function lines(text: string, width: number): string[] {
  const found: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${found.at(-1) ?? ''} ${word}`.trim();
    if (found.length > 0 && textWidth(longer, titleSize, true) <= width) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

/**
 * The beginning of every specification. The page sets the two signals: the variant to single out, and whether the
 * study's accelerator is shown; a file shows everything but that.
 */
export function topLevel({ title, description }: Words, { theme, layout, isTitled }: FigureStyle) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    // A file stands on its own: on white, with air around it.
    config: isTitled
      ? { ...figureConfig(theme), background: theme.surface, padding: 16 }
      : figureConfig(theme),
    params: [
      { name: 'highlight', value: '' },
      { name: 'accelerator', value: false },
    ],
    ...(isTitled
      ? { title: { text: lines(title, layout === 'wide' ? 900 : 300), fontSize: titleSize, offset: 18 } }
      : {}),
  };
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
}

/** Pixels from the upper left corner. */
export function pixelOf({ width, height, x, y }: Frame, xValue: number, yValue: number) {
  return { x: axisPosition(x, xValue) * width, y: (1 - axisPosition(y, yValue)) * height };
}

export function quantityScale({ type, low, high }: Axis) {
  // A logarithmic scale has no zero to leave out, and says so when asked to.
  return { type, domain: [low, high], nice: false, ...(type === 'linear' ? { zero: false } : {}) };
}

/** A tick as it is; an axis's own `format` would round it to the digits of its steps, 160 to 1.6e+2. */
export const plainNumber = "format(datum.value, '~g')";

/** With its sign, but for 0. */
export const signedNumber = "datum.value === 0 ? '0' : format(datum.value, '+~g')";

/** The encoding of both axes; the fields are `x` and `y` unless said otherwise. */
export function positionOf(
  { x, y }: Frame,
  titles: { readonly x: string; readonly y: string },
  fields: { readonly x?: string; readonly y?: string } = {},
): Position {
  return {
    x: {
      field: fields.x ?? 'x',
      type: 'quantitative',
      title: titles.x,
      scale: quantityScale(x),
      axis: { values: [...x.ticks], labelExpr: plainNumber, labelOverlap: true },
    },
    y: {
      field: fields.y ?? 'y',
      type: 'quantitative',
      title: titles.y,
      scale: quantityScale(y),
      axis: { values: [...y.ticks], labelExpr: plainNumber, labelOverlap: true },
    },
  };
}

const painted: Encoding = { color: { field: 'colour', type: 'nominal', scale: null } };

/** Points of a datum's `colour` and `shape`, with a rim that keeps neighbours apart. */
export function pointLayer(
  values: object[],
  position: Position,
  tooltip: Tooltip,
  { theme }: FigureStyle,
  size = 90,
): Layer {
  return {
    data: { values },
    mark: { type: 'point', filled: true, size, stroke: theme.surface, strokeWidth: 1.25 },
    encoding: {
      ...position,
      ...painted,
      shape: { field: 'shape', type: 'nominal', scale: null },
      opacity: singledOut(),
      tooltip,
    },
  };
}

/** Intervals: rules in a datum's `colour`; `position` has both ends. Data without an interval are left out. */
export function intervalLayer(
  values: readonly { readonly low: number | null }[],
  position: Encoding,
  strokeWidth = 2.5,
): Layer {
  return {
    data: { values: values.filter(({ low }) => low !== null) },
    mark: { type: 'rule', clip: true, strokeWidth, strokeCap: 'round', tooltip: null },
    encoding: { ...position, ...painted, opacity: singledOut() },
  };
}

/** A line for each `key`. */
export function lineLayer(
  values: object[],
  position: Position,
  look: { readonly strokeWidth: number; readonly opacity: number; readonly strokeDash?: number[] },
): Layer {
  const { opacity, ...line } = look;
  return {
    data: { values },
    mark: { type: 'line', tooltip: null, ...line },
    encoding: {
      ...position,
      ...painted,
      detail: { field: 'key', type: 'nominal' },
      opacity: singledOut(opacity),
    },
  };
}

/** Tooltip fields of texts, by their titles. */
export function texts(titles: Readonly<Record<string, string>>): Extract<Tooltip, readonly unknown[]> {
  return Object.entries(titles).map(([field, title]) => ({ field, type: 'nominal', title }));
}
