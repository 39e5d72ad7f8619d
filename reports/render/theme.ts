/**
 * The colours of figures, in two mediums: `css` refers to variables of the page, which swaps them for dark mode and
 * print without any script; `literal` spells them out for files that leave the page, whose readers know no `var()`.
 */
import type { Config } from 'vega-lite';

export interface Theme {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly front: string;
  /** One a series, in order; beyond the end they repeat, with other shapes. */
  readonly series: readonly string[];
}

/** The page's stylesheet defines these variables, for light and for dark. */
const light = {
  ink: '#1c2127',
  muted: '#5b6570',
  grid: '#e4e7eb',
  surface: '#ffffff',
  front: '#9aa3ad',
  // After Okabe and Ito's colours for colour-blind readers; the pale ones darkened to 3:1 on white.
  series: ['#0072b2', '#c45f9c', '#b8860b', '#009e73', '#d55e00', '#5b6570', '#2f8fca', '#7a4fb5'],
} as const satisfies Theme;

const dark = {
  ink: '#e8eaed',
  muted: '#a3adb8',
  grid: '#2d343c',
  surface: '#1a1f25',
  front: '#66717d',
  series: ['#56b4e9', '#e59bc6', '#f0c045', '#2fc79b', '#ff8b3d', '#a3adb8', '#7fb2ff', '#b79af0'],
} as const satisfies Theme;

export const literalTheme: Theme = light;

export const cssTheme: Theme = {
  ink: cssVariable('ink', light.ink),
  muted: cssVariable('muted', light.muted),
  grid: cssVariable('grid', light.grid),
  surface: cssVariable('surface', light.surface),
  front: cssVariable('front', light.front),
  series: light.series.map((colour, index) => cssVariable(`series-${String(index)}`, colour)),
};

/** The declarations that `cssTheme` refers to, for a rule of the page's stylesheet. */
export function themeDeclarations(mode: 'light' | 'dark'): string {
  const { series, ...named } = mode === 'light' ? light : dark;
  return [
    ...Object.entries(named).map(([name, colour]) => `--${name}: ${colour};`),
    ...series.map((colour, index) => `--series-${String(index)}: ${colour};`),
  ].join(' ');
}

function cssVariable(name: string, fallback: string): string {
  return `var(--${name}, ${fallback})`;
}

export const fontStack = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Axes, titles and text for every figure. Marks are not described to screen readers one by one: the figure is. */
export function figureConfig(theme: Theme): Config {
  return {
    mark: { aria: false },
    background: 'transparent',
    font: fontStack,
    padding: 4,
    view: { stroke: null },
    axis: {
      aria: false,
      domain: false,
      ticks: false,
      grid: true,
      gridColor: theme.grid,
      labelColor: theme.muted,
      labelFontSize: 11,
      labelPadding: 6,
      titleColor: theme.ink,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      titlePadding: 10,
    },
    title: {
      aria: false,
      anchor: 'start',
      color: theme.ink,
      fontSize: 13,
      fontWeight: 600,
      subtitleColor: theme.muted,
      subtitleFontSize: 12,
      offset: 12,
    },
    text: { color: theme.ink, fontSize: 11 },
  };
}
