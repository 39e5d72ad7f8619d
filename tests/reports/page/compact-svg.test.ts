import { Resvg } from '@resvg/resvg-js';
import { expect, test } from 'vitest';
import { resultFigures } from '../../../reports/figures/result-figures.ts';
import { compactSvg } from '../../../reports/page/compact-svg.ts';
import { literalTheme } from '../../../reports/render/theme.ts';
import { compileFigure, renderSvg } from '../../../reports/render/vega.ts';
import { sampleFullResult } from '../../support/sample-bench-result.ts';
import { sampleBackground } from '../../support/study-sample.ts';

test('a compact drawing is half as long at most, and looks the same', async () => {
  const result = sampleFullResult();
  const figures = resultFigures(result, sampleBackground(result));
  // One of each kind.
  for (const { id, spec } of figures.filter((each) => !/-[2-9]$/.test(each.id))) {
    const { vega } = await compileFigure(
      spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: false }),
    );
    const svg = await renderSvg(vega);
    const compact = compactSvg(svg, id);
    expect(compact.length, id).toBeLessThan(svg.length / 2);
    // Text apart: without fonts there is none, and its places are in the drawing's words.
    const [before, after] = [svg, compact].map(pixelsOf) as [Uint8Array, Uint8Array];
    expect(after.length, id).toBe(before.length);
    const changed = before.filter((value, index) => Math.abs(value - after[index]!) > 64).length;
    expect(changed / before.length, id).toBeLessThan(0.0005);
    expect(textsOf(compact)).toEqual(textsOf(svg));
  }
});

function pixelsOf(svg: string): Uint8Array {
  const drawing = svg.replace(/^<svg(?! xmlns)/, '<svg xmlns="http://www.w3.org/2000/svg"');
  return new Resvg(drawing, { font: { loadSystemFonts: false } }).render().pixels;
}

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text = '']) => text);
}

test('names inside of a drawing differ from those of all others', () => {
  const clip = '<clipPath id="clip0"><path d="M0,0h5v9h-5Z"/></clipPath>';
  const svg = `<svg><defs>${clip}</defs><g clip-path="url(#clip0)"><path d="M0,0L9,9" stroke="red"/></g></svg>`;
  const names = ['rounds', 'course'].map((id) => compactSvg(svg, id).match(/(?<=id="|url\(#)[^")]+/g));
  expect(names[0]).toHaveLength(2);
  expect(new Set(names.flat()).size).toBe(2);
});
