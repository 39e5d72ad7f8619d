import type { SymbolShape } from 'vega';
import { studySeries } from '../../src/models/variants/study.ts';
import type { Theme } from '../render/theme.ts';

export interface SeriesStyle {
  readonly colour: string;
  readonly shape: SymbolShape;
}

const shapes = [
  'circle',
  'cross',
  'diamond',
  'triangle-up',
  'square',
  'triangle-down',
  'triangle-right',
] as const;

/** What the study plots always looks the same, whichever part of it a run measured. */
const plottedSeries: readonly string[] = [...Object.keys(studySeries), 'G1-GN-Baseline'];

/**
 * Colour and shape of each series; series outside the study follow in the order given. Any two of the first seven
 * differ in both, so that neither is needed to read the other, and any two of the first 56 in one.
 */
export function seriesStyles(names: readonly string[], theme: Theme): Map<string, SeriesStyle> {
  const others = [...new Set(names)].filter((name) => !plottedSeries.includes(name));
  return new Map(
    [...plottedSeries, ...others].map((name, index) => [
      name,
      {
        colour: theme.series[index % theme.series.length] ?? theme.ink,
        shape: shapes[index % shapes.length] ?? 'circle',
      },
    ]),
  );
}
