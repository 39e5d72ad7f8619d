import { textWidth } from '../render/text-width.ts';
import { variantLabel } from '../variant-label.ts';
import { pointLayer, texts } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import { labelLayers, type Panel, type Position } from './panel.ts';
import type { SeriesStyle } from './series-style.ts';

const look = { fontSize: 11, isBold: false };
const lineHeight = 18;
const symbolRoom = 14;
const gap = 16;

/** More names than this are a list that nobody reads; marks say theirs when they are pointed at. */
const mostNames = 12;

/**
 * Marks of variants with their names, in lines of at most `width` pixels, as a panel to stand above others; they can be singled out
 * like all marks, which those of Vega's own legends cannot. No panel for one variant, or for many.
 */
export function nameLegend(
  variants: readonly string[],
  styles: ReadonlyMap<string, SeriesStyle>,
  width: number,
  style: FigureStyle,
): Panel[] {
  if (variants.length < 2 || variants.length > mostNames) return [];
  let [right, line] = [0, 0];
  const values = variants.map((variant) => {
    const text = variantLabel(variant);
    const room = symbolRoom + textWidth(text, look.fontSize) + gap;
    if (right > 0 && right + room - gap > width) [right, line] = [0, line + 1];
    const place = { x: right + 5, y: (line + 0.5) * lineHeight };
    right += room;
    const { colour = style.theme.ink, shape = 'circle' } = styles.get(variant) ?? {};
    return { key: variant, variant: text, text, colour, shape, ...place };
  });
  const height = (line + 1) * lineHeight;
  const pixels = (field: 'x' | 'y', domain: [number, number]) => ({
    field,
    type: 'quantitative' as const,
    scale: { domain, nice: false, zero: false },
    axis: null,
  });
  const position: Position = { x: pixels('x', [0, width]), y: pixels('y', [height, 0]) };
  const labels = values.map(({ key, text, x, y }) => ({
    ...{ key, text, x, y, dx: symbolRoom - 5, dy: 0 },
    align: 'left' as const,
  }));
  return [
    {
      width,
      height,
      layer: [
        pointLayer(values, position, texts({ variant: 'variant' }), style, 60),
        ...labelLayers(labels, position, look, style.theme.ink, style),
      ],
    },
  ];
}
