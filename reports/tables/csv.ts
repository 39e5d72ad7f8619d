import { valueColumns, type Table } from './table.ts';

/** RFC 4180: CRLF line ends, one header line, full-precision values; what is not known is an empty field. */
export function csvTable(table: Table): string {
  const columns = valueColumns(table);
  const header = columns.map(({ column }) => column.key);
  const rows = table.rows.map((row) => columns.map(({ index }) => row.cells[index]?.value ?? ''));
  return [header, ...rows]
    .map((fields) => `${fields.map((field) => quote(String(field))).join(',')}\r\n`)
    .join('');
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
