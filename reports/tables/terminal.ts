import CliTable from 'cli-table3';
import { displayText } from './display-text.ts';
import { textColumns, type Table } from './table.ts';

/** Two spaces between columns and one rule below the heading: nothing that is in the way when it is copied. */
const characters = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '  ',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Plain text without colours; the caller adds none, so it is the same with NO_COLOR, in a pipe and in a file. */
export function terminalTable(table: Table): string {
  const columns = textColumns(table).filter(({ column }) => column.isRoomy !== true);
  const hasUnits = columns.some(({ column }) => column.unit !== undefined);
  const grid = new CliTable({
    chars: characters,
    head: columns.map(({ column: { header, unit } }) => {
      const first = displayText(header);
      return hasUnits ? `${first}\n${displayText(unit ?? '')}` : first;
    }),
    colAligns: columns.map(({ column }) => column.align),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const { cells } of table.rows) {
    grid.push(columns.map(({ index }) => displayText(cells[index]?.text ?? '', 60)));
  }
  const lines = grid.toString().split('\n');
  // Every row is one line, so the last lines are the rows. A note goes below its row and does not widen its columns.
  const head = lines.slice(0, lines.length - table.rows.length);
  const body = lines.slice(head.length).flatMap((line, index) => {
    const note = table.rows[index]?.note;
    return note === undefined ? [line] : [line, ...wrapped(`  ${displayText(note, 400)}`)];
  });
  const notes = table.notes.flatMap((note) => wrapped(displayText(note, 400)));
  const all = [...head, ...body, ...(notes.length > 0 ? ['', ...notes] : [])];
  return `${all.map((line) => line.trimEnd()).join('\n')}\n`;
}

const terminalWidth = 80;

/** Lines of whole words; what follows the first keeps its indentation, two further in. */
function wrapped(text: string): string[] {
  const indentation = /^ */.exec(text)![0];
  const lines = [''];
  for (const word of text.trim().split(' ')) {
    const line = lines.at(-1)!;
    const start = lines.length === 1 ? indentation : `${indentation}  `;
    if (line === '') lines[lines.length - 1] = start + word;
    else if (line.length + 1 + word.length <= terminalWidth) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indentation}  ${word}`);
  }
  return lines;
}
