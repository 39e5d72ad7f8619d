import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, escapeJson, escapeScript, escapeText } from '../../../reports/page/escape.ts';

const awkward = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('</script>', '<!--', '<script', '\u2028', '&lt;', '"\'', '\u202e', '$&'),
);

describe('escape', () => {
  test('escapeHtml leaves no markup', () => {
    expect(escapeHtml(`<img src="x" onerror='alert(1)'> & more`)).toBe(
      '&lt;img src=&quot;x&quot; onerror=&#39;alert(1)&#39;&gt; &amp; more',
    );
    fc.assert(fc.property(awkward, (text) => !/[<>"']/.test(escapeHtml(text))));
  });

  test('escapeText shows what is invisible', () => {
    expect(escapeText('a\u202eb</p>')).toBe('a[U+202E]b&lt;/p&gt;');
  });

  test('escapeJson cannot end its element, and parses to the same data', () => {
    fc.assert(
      fc.property(fc.dictionary(awkward, awkward), (data) => {
        const json = escapeJson(data);
        expect(json).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  test('escapeScript breaks up what would end the element', () => {
    expect(escapeScript('a("</script>", "</SCRIPT", "<!-- $&")')).toBe(
      String.raw`a("<\/script>", "<\/SCRIPT", "<\!-- $&")`,
    );
  });
});
