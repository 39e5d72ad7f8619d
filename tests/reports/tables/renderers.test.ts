import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvTable } from '../../../reports/tables/csv.ts';
import { displayText } from '../../../reports/tables/display-text.ts';
import { markdownTable } from '../../../reports/markdown/markdown-table.ts';
import type { Table } from '../../../reports/tables/table.ts';
import { terminalTable } from '../../../reports/tables/terminal.ts';

const table: Table = {
  caption: 'An example',
  columns: [
    { header: 'name', key: 'name', align: 'left' },
    { header: 'cost', unit: 'GMAC', key: 'macs', align: 'right' },
    { header: 'exact', key: 'exact', align: 'right', only: 'values' },
    { header: 'remark', key: 'remark', align: 'left', only: 'text' },
  ],
  rows: [
    {
      cells: [
        { text: 'b0', value: 'efficientnet-b0' },
        { text: '0.386', value: 385_814_752 },
        { text: '1', value: 1 },
        { text: 'a|b', value: 'a|b' },
      ],
    },
    {
      cells: [
        { text: 'b1', value: 'efficientnet-b1' },
        { text: '–', value: null },
        { text: '2', value: 2 },
        { text: '', value: '' },
      ],
      note: 'failed: out of memory',
    },
  ],
  notes: ['1 MAC = 2 FLOPs.'],
};

describe('terminalTable', () => {
  test('aligns, and draws one rule', () => {
    expect(terminalTable(table)).toBe(
      [
        'name   cost  remark',
        '       GMAC',
        '────  ─────  ──────',
        'b0    0.386  a|b',
        'b1        –',
        '  failed: out of memory',
        '',
        '1 MAC = 2 FLOPs.',
        '',
      ].join('\n'),
    );
  });

  test('lets no control sequence through', () => {
    const hostile = { ...table, rows: [{ cells: [{ text: '\u001b[31mred\u0007\r\n', value: '' }] }] };

    expect(terminalTable(hostile)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(terminalTable(hostile)).toContain('[U+001B][31mred');
  });
});

describe('markdownTable', () => {
  test('is a padded GitHub table; notes follow', () => {
    expect(markdownTable(table)).toBe(
      [
        '| name | cost (GMAC) | remark |',
        '| ---- | ----------: | ------ |',
        '| b0   |       0.386 | a\\|b   |',
        '| b1   |           – |        |',
        '',
        '- b1: failed: out of memory',
        '- 1 MAC = 2 FLOPs.',
        '',
      ].join('\n'),
    );
  });
});

describe('csvTable', () => {
  test('has full values, empty where unknown, and no columns for people', () => {
    expect(csvTable(table)).toBe('name,macs,exact\r\nefficientnet-b0,385814752,1\r\nefficientnet-b1,,2\r\n');
  });

  test('an RFC 4180 reader gives back what was written', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\r\n', 'a"b', '\n', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), (rows) => {
        const written = csvTable({
          caption: '',
          columns: [
            { header: '', key: 'first,key', align: 'left' },
            { header: '', key: 'second', align: 'left' },
          ],
          rows: rows.map((values) => ({ cells: values.map((value) => ({ text: '', value })) })),
          notes: [],
        });
        expect(readCsv(written)).toEqual([['first,key', 'second'], ...rows]);
      }),
    );
  });
});

describe('displayText', () => {
  test('shows what would be invisible or reorder text, and bounds the length', () => {
    expect(displayText('a\u202eb\u200f')).toBe('a[U+202E]b[U+200F]');
    expect(displayText('x'.repeat(10_000))).toBe(`${'x'.repeat(79)}…`);
    expect(displayText('😀 <b>')).toBe('😀 <b>');
    expect(displayText('\ud800')).toBe('[U+D800]');
  });
});

/** A reader of RFC 4180 of its own, character by character. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text.charAt(index++);
      else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ',' || character === '\r') {
      row.push(field);
      field = '';
      if (character === '\r') {
        rows.push(row);
        row = [];
        index++;
      }
    } else field += character;
  }
  return rows;
}
