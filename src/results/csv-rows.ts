import { EcfxError } from '../errors.ts';

/** A row of a CSV file with its line, cells by the names of the header. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/**
 * Reads CSV with a header (RFC 4180: cells may be quoted, a quote inside is doubled; no line breaks inside cells).
 * Throws `EcfxError` (input), naming `path` and line, when a row has another number of cells than the header.
 */
export function parseCsv(text: string, path: string): CsvRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = splitCells(lines[0] ?? '');
  return lines.slice(1).flatMap((content, index) => {
    if (content.trim() === '') return [];
    const line = index + 2;
    const cells = splitCells(content);
    if (cells.length !== header.length) {
      throw new EcfxError(
        'input',
        `${path}, line ${line}: ${cells.length} cells for ${header.length} columns`,
      );
    }
    return [{ line, cells: Object.fromEntries(header.map((name, column) => [name, cells[column]!])) }];
  });
}

function splitCells(line: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    const [whole, content, end] = quoted
      ? [quoted[0], quoted[1]!.replaceAll('""', '"'), quoted[2]]
      : plainCell(rest);
    cells.push(content);
    if (end !== ',') return cells;
    rest = rest.slice(whole.length);
  }
}

function plainCell(rest: string): [whole: string, content: string, end: string] {
  const comma = rest.indexOf(',');
  return comma < 0 ? [rest, rest.trim(), ''] : [rest.slice(0, comma + 1), rest.slice(0, comma).trim(), ','];
}
