import type { TopLevelSpec } from 'vega-lite';
import type { Theme } from '../render/theme.ts';
import type { Table } from '../tables/table.ts';
import type { AxisType } from './axis.ts';

/** For a desktop's text column, about 1,000 pixels wide, or for a telephone's, about 350. */
export type Layout = 'wide' | 'narrow';

export interface FigureStyle {
  readonly theme: Theme;
  readonly layout: Layout;
  /** Of quantities that span decades; a figure without any draws the same for both. */
  readonly axes: AxisType;
  /** Whether the drawing carries its title: a file does, on a page the heading says it. */
  readonly isTitled: boolean;
}

/** A picture with what a reader needs to judge it. All text is plain text. */
export interface Figure {
  /** Unique on a page, and fit for a DOM id. */
  readonly id: string;
  /** The finding, in words computed from the data. */
  readonly title: string;
  /** What it holds for, in words; without it for the whole result. */
  readonly setting?: string;
  /** What can be seen, for those who do not see it. */
  readonly description: string;
  /** How it was made. */
  readonly caption: string;
  /** The numbers of the picture. */
  readonly tables: readonly [Table, ...Table[]];
  readonly spec: (style: FigureStyle) => TopLevelSpec;
}
