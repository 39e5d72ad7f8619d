/** What a person reads, and what a program reads. A `null` value is one that is not known. */
export interface Cell {
  readonly text: string;
  readonly value: string | number | null;
}

export interface Column {
  /** Heading for people. */
  readonly header: string;
  /** Stands below the heading, in units of which `text` is given. */
  readonly unit?: string;
  /** Heading for programs, with the unit of `value`: `macs`, `step_seconds`. */
  readonly key: string;
  readonly align: 'left' | 'right';
  /** Only for programs (interval ends, full names) or only for people; without it for both. */
  readonly only?: 'values' | 'text';
  /** Left out where there are eighty columns only. */
  readonly isRoomy?: boolean;
}

export interface Row {
  /** One a column. */
  readonly cells: readonly Cell[];
  /** A remark on the row, such as why it failed. Programs find it in a column of its own. */
  readonly note?: string;
}

/** A table before it is rendered: to the terminal, Markdown, CSV or HTML. */
export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Remarks on the whole table, one a line, such as the counting convention. */
  readonly notes: readonly string[];
}

/** The columns that people see, each with its index into a row's cells. */
export function textColumns(table: Table): { column: Column; index: number }[] {
  return table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.only !== 'values');
}

/** The columns that programs read, each with its index into a row's cells. */
export function valueColumns(table: Table): { column: Column; index: number }[] {
  return table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.only !== 'text');
}
