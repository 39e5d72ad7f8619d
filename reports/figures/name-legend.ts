import { textWidth } from '../render/text-width.ts';
import { variantLabel } from '../variant-label.ts';
import type { FigureStyle } from './figure.ts';
import type { Encoding } from './panel.ts';
import type { SeriesStyle } from './series-style.ts';

const fontSize = 11;

/** More names than this are a list that nobody reads; marks say theirs when they are pointed at. */
const mostNames = 12;

/**
 * Colours and shapes of data that carry their `variant` as a label, with a legend above the panel, which is `width` pixels
 * wide. Empty for one variant, or for many.
 */
export function namedMarks(
  variants: readonly string[],
  styles: ReadonlyMap<string, SeriesStyle>,
  width: number,
  { theme }: FigureStyle,
): Pick<Encoding, 'color' | 'shape'> {
  if (variants.length < 2 || variants.length > mostNames) return {};
  const domain = variants.map(variantLabel);
  const widest = Math.min(220, Math.max(...domain.map((label) => textWidth(label, fontSize))));
  const legend = {
    orient: 'top' as const,
    title: null,
    columns: Math.max(1, Math.floor(width / (widest + 30))),
    labelColor: theme.ink,
    labelFontSize: fontSize,
    labelLimit: widest + 4,
    symbolSize: 60,
  };
  const field = 'variant';
  const looks = variants.map((variant) => styles.get(variant));
  return {
    color: {
      field,
      type: 'nominal',
      scale: { domain, range: looks.map((look) => look?.colour ?? theme.ink) },
      legend,
    },
    shape: {
      field,
      type: 'nominal',
      scale: { domain, range: looks.map((look) => look?.shape ?? 'circle') },
      legend,
    },
  };
}
