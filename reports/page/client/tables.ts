/** Tables that sort by any column and, when they are long, show only what contains a word. */

/** Rows from which on a table can be filtered. */
const longTable = 6;

export function startTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('.scroll table')) {
    makeSortable(table);
    if ((table.tBodies[0]?.rows.length ?? 0) >= longTable) makeFilterable(table);
  }
}

/** A row with the remark that follows it, which moves along. */
function rowsOf(table: HTMLTableElement): HTMLTableRowElement[][] {
  const groups: HTMLTableRowElement[][] = [];
  for (const row of table.tBodies[0]?.rows ?? []) {
    if (row.classList.contains('note')) groups.at(-1)?.push(row);
    else groups.push([row]);
  }
  return groups;
}

function makeSortable(table: HTMLTableElement): void {
  const original = rowsOf(table);
  if (original.length < 2) return;
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  for (const [column, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    button.addEventListener('click', () => {
      const next = nextOrder(head.getAttribute('aria-sort'));
      for (const other of heads) other.removeAttribute('aria-sort');
      if (next !== null) head.setAttribute('aria-sort', next);
      const sorted = next === null ? original : original.toSorted((a, b) => compare(a, b, column));
      if (next === 'descending') sorted.reverse();
      table.tBodies[0]?.append(...sorted.flat());
    });
    head.append(button);
  }
}

/** Up, down, as it was. */
function nextOrder(order: string | null): 'ascending' | 'descending' | null {
  if (order === null) return 'ascending';
  return order === 'ascending' ? 'descending' : null;
}

/** By number where both have one; what has none comes last. */
function compare(a: HTMLTableRowElement[], b: HTMLTableRowElement[], column: number): number {
  const [left, right] = [a, b].map(([row]) => row?.cells[column]?.textContent.trim() ?? '');
  const [x, y] = [numberIn(left), numberIn(right)];
  if (Number.isNaN(x) && Number.isNaN(y)) return (left ?? '').localeCompare(right ?? '');
  if (Number.isNaN(x)) return 1;
  if (Number.isNaN(y)) return -1;
  return x - y;
}

function numberIn(text: string | undefined): number {
  return parseFloat((text ?? '').replaceAll(',', ''));
}

function makeFilterable(table: HTMLTableElement): void {
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'Filter rows';
  input.setAttribute('aria-label', `Filter rows: ${table.caption?.textContent ?? 'table'}`);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const group of rowsOf(table)) {
      const text = group
        .map((row) => row.textContent)
        .join(' ')
        .toLowerCase();
      const isShown = words.every((word) => text.includes(word));
      for (const row of group) row.hidden = !isShown;
    }
  });
  table.closest('.scroll')?.before(input);
}
