import { pixelOf, type Frame } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import { spread } from './label-placement.ts';
import { labelLayers, type Layer, type Position } from './panel.ts';
import { axisValue } from './axis.ts';

const look = { fontSize: 11, isBold: false };

/** The name of each line at its last point, in a column on the right whose texts keep off each other. */
export function namedEnds(
  values: readonly { key: string; variant: string; x: number; y: number }[],
  frame: Frame,
  position: Position,
  style: FigureStyle,
): Layer[] {
  const ends = [...new Map(values.map((value) => [value.key, value])).values()]
    .map((end) => ({ ...end, at: pixelOf(frame, end.x, end.y) }))
    .sort((a, b) => a.at.y - b.at.y);
  const heights = spread(
    ends.map(({ at }) => at.y),
    look.fontSize + 3,
  );
  const labels = ends.map(({ key, variant, x, at }, index) => ({
    key,
    x,
    y: axisValue(frame.y, 1 - (heights[index] ?? at.y) / frame.height),
    text: variant,
    dx: 10,
    dy: 0,
    align: 'left' as const,
  }));
  return labelLayers(labels, position, look, style.theme.ink, style);
}
