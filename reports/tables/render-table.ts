import { csvTable } from './csv.ts';
import { markdownTable } from '../markdown/markdown-table.ts';
import type { Table } from './table.ts';
import { terminalTable } from './terminal.ts';

/** A table as text, in the form that the flags ask for; without one, for the terminal. */
export function renderTable(table: Table, { csv, markdown }: { csv: boolean; markdown: boolean }): string {
  const text = csv ? csvTable(table) : markdown ? markdownTable(table) : terminalTable(table);
  return text.trimEnd();
}
