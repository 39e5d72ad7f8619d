import { textColumns, type Table } from '../tables/table.ts';
import { escapeMarkdown } from './escape.ts';

/** A GitHub-flavoured table, padded so that it also reads as plain text; notes follow as a list. */
export function markdownTable(table: Table): string {
  const columns = textColumns(table);
  const header = columns.map(({ column }) => escapeMarkdown(withUnit(column.header, column.unit)));
  const body = table.rows.map((row) =>
    columns.map(({ index }) => escapeMarkdown(row.cells[index]?.text ?? '')),
  );
  const widths = columns.map((_, index) =>
    Math.max(3, ...[header, ...body].map((cells) => Array.from(cells[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.column.align)).join(' | ')} |`;
  const rule = columns.map(({ column }, index) => {
    const dashes = '-'.repeat((widths[index] ?? 3) - (column.align === 'right' ? 1 : 0));
    return column.align === 'right' ? `${dashes}:` : dashes;
  });
  const remarks = [
    ...table.rows.flatMap((row) =>
      row.note === undefined
        ? []
        : [`- ${escapeMarkdown(row.cells[0]?.text ?? '')}: ${escapeMarkdown(row.note)}`],
    ),
    ...table.notes.map((note) => `- ${escapeMarkdown(note)}`),
  ];
  const lines = [line(header), `| ${rule.join(' | ')} |`, ...body.map(line)];
  if (remarks.length > 0) lines.push('', ...remarks);
  return `${lines.join('\n')}\n`;
}

function withUnit(header: string, unit: string | undefined): string {
  return unit === undefined ? header : `${header} (${unit})`;
}

function pad(cell: string, width: number, align: 'left' | 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - Array.from(cell).length));
  return align === 'right' ? space + cell : cell + space;
}
