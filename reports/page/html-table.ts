import { textColumns, type Table } from '../tables/table.ts';
import { escapeText } from './escape.ts';

/** Remarks that stand below a table; more are folded away. */
const mostNotes = 6;

/** What reads from left to right in any company; everything else is kept apart from its surroundings. */
const isPlain = /^[\x20-\x7e×±–…]*$/;

/**
 * A table in a box of its own that scrolls sideways on narrow screens, by finger and by keyboard. A row about one of
 * `variants` carries its index, so that the page can single it out.
 */
export function htmlTable(table: Table, variants: readonly string[]): string {
  const columns = textColumns(table);
  const keyed = table.columns.findIndex(({ key }) => key === 'variant' || key === 'network');
  const align = (index: number): string => (columns[index]?.column.align === 'right' ? ' class=n' : '');
  const head = columns.map(({ column: { header, unit, key } }, index) => {
    const below = unit === undefined ? '' : ` <span class="unit">${escapeText(unit)}</span>`;
    return `<th scope="col" data-key="${escapeText(key)}"${align(index)}>${escapeText(header)}${below}</th>`;
  });
  const body = table.rows.map(({ cells, note }) => {
    // The ends of cells and rows may be left out, and are: there are thousands.
    const fields = columns.map(({ index: cell }, index) => {
      const text = escapeText(cells[cell]?.text ?? '');
      const content = isPlain.test(text) ? text : `<bdi>${text}</bdi>`;
      return `<${index === 0 ? 'th scope=row' : 'td'}${align(index)}>${content}`;
    });
    const remark =
      note === undefined
        ? ''
        : `<tr class="note"><td colspan="${String(columns.length)}"><bdi class="pinned">${escapeText(note)}</bdi></td></tr>`;
    const variant = variants.indexOf(String(cells[keyed]?.value));
    const mark = variant < 0 ? '' : ` data-variant=${String(variant)}`;
    return `<tr${mark}>${fields.join('')}${remark}`;
  });
  const remarks = table.notes.map((note) => `<p class="table-note">${escapeText(note)}</p>`).join('');
  const notes =
    table.notes.length > mostNotes
      ? `<details><summary>${String(table.notes.length)} remarks</summary>${remarks}</details>`
      : remarks;
  const caption = escapeText(table.caption);
  return `<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table>
<caption><span class="pinned">${caption}</span></caption>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>${notes}`;
}
