import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeMarkdown } from '../../../reports/markdown/escape.ts';
import { displayText } from '../../../reports/tables/display-text.ts';

describe('escapeMarkdown', () => {
  test.each([
    ['b0@half:g16,e4,ln+pn', 'b0@half:g16,e4,ln+pn'],
    ['0.386', '0.386'],
    ['a|b', 'a\\|b'],
    ['</details><img src=x>', '\\</details\\>\\<img src=x\\>'],
    ['*bold* _it_ `code` ~~no~~', '\\*bold\\* \\_it\\_ \\`code\\` \\~\\~no\\~\\~'],
    ['[a](http://b.de)', '\\[a\\](http:\\//b.de)'],
    ['@octocat, a@b.de', '@&#8203;octocat, a@&#8203;b.de'],
    ['#12 and GH-12', '\\#&#8203;12 and GH-&#8203;12'],
    ['&lt;', '\\&lt;'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['www.a.de', 'www\\.a.de'],
    ['two\nlines', 'two[U+000A]lines'].map((text) => text.replaceAll(/[[\]]/g, '\\$&')),
  ])('%s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  test('leaves nothing that means something in Markdown, and reads as before', () => {
    const piece = fc.constantFrom(
      ...[
        '*',
        '_',
        '`',
        '~~',
        '|',
        '<b>',
        '&',
        '[a](b)',
        '@me',
        '#1',
        '\\',
        '- ',
        '1. ',
        '\n',
        '://',
        'a',
        '\u202e',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const escaped = escapeMarkdown(text);
        expect(escaped.replaceAll('&#8203;', '').replaceAll(/\\(.)/gu, ' ')).not.toMatch(/[*_`~|<>&[\]]/);
        expect(escaped.replaceAll('&#8203;', '').replaceAll(/\\(.)/gu, '$1')).toBe(
          displayText(text, 400).trim(),
        );
      }),
    );
  });
});
