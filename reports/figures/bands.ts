/** Figures whose rows hold more than one mark in height: one band a variant, its name on the left, several panels beside each other. */
import { textWidth } from '../render/text-width.ts';
import type { topLevel } from './chart.ts';
import type { FigureStyle } from './figure.ts';
import type { Encoding, Panel } from './panel.ts';

const labelSize = 11;
const gap = 34;

/** Side by side where there is room, one below the other where there is none. */
export function bandFrame(
  labels: readonly string[],
  { layout, theme }: FigureStyle,
  {
    panels,
    bandHeight,
    isHeading,
  }: {
    readonly panels: number;
    readonly bandHeight: number;
    /** Which names are those of the bands below them. */
    readonly isHeading?: (band: number) => boolean;
  },
) {
  const isWide = layout === 'wide';
  const [full, most] = isWide ? [960, 260] : [344, 120];
  const widest = Math.max(0, ...labels.map((label) => textWidth(label, labelSize)));
  const room = full - Math.min(widest, most) - 30;
  const headings = labels.flatMap((_, band) => (isHeading?.(band) ? [band] : []));
  const scale = { domain: [labels.length, 0], nice: false, zero: false };
  const names = {
    values: labels.map((_, index) => index + 0.5),
    labelExpr: 'bandNames[floor(datum.value)]',
    labelLimit: most,
    labelFontSize: labelSize,
    labelColor: theme.ink,
    labelOverlap: false,
    ...(headings.length > 0 && {
      labelFontWeight: {
        condition: {
          test: `indexof(${JSON.stringify(headings)}, floor(datum.value)) >= 0`,
          value: 'bold' as const,
        },
        value: 'normal' as const,
      },
    }),
    grid: false,
  };
  return {
    /** Of each panel. */
    width: Math.round(isWide ? (room - (panels - 1) * gap) / panels : room),
    height: bandHeight * labels.length,
    /**
     * The vertical encoding of panel number `panel`: 0 at the top edge of the first band, 1 at that of the second. Only panels
     * that begin a line have names.
     */
    y: (panel: number, field = 'y'): NonNullable<Encoding['y']> => ({
      field,
      type: 'quantitative',
      title: null,
      scale,
      axis: panel === 0 || !isWide ? names : null,
    }),
    /** The panels in their places, with the names that their axes show. */
    arrange: (top: ReturnType<typeof topLevel>, drawn: Panel[]) => ({
      ...top,
      params: [...top.params, { name: 'bandNames', value: [...labels] }],
      spacing: gap,
      ...(isWide ? { hconcat: drawn } : { vconcat: drawn }),
    }),
  };
}

export type BandFrame = ReturnType<typeof bandFrame>;

/** Pixels a band, so that thirty variants fit on a screen and three do not look lost. */
export function bandHeightFor(bands: number, most: number, least: number): number {
  return Math.round(Math.max(least, Math.min(most, 640 / Math.max(1, bands))));
}
