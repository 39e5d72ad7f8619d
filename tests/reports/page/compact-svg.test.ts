import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resultFigures } from '../../../reports/figures/result-figures.ts';
import { compactPath } from '../../../reports/page/compact-path.ts';
import { compactSvg } from '../../../reports/page/compact-svg.ts';
import { literalTheme } from '../../../reports/render/theme.ts';
import { compileFigure, renderSvg } from '../../../reports/render/vega.ts';
import { sampleFullResult } from '../../support/sample-bench-result.ts';
import { studySample } from '../../support/study-sample.ts';

test('a compact drawing is half as long at most, and looks the same', async () => {
  const figures = resultFigures(sampleFullResult(), { study: studySample(), trainingCounts: new Map() });
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
    expect(changed / before.length, id).toBeLessThan(0.002);
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

test('names of clips differ between drawings, and equal clips are one', () => {
  const clip = (id: string, width: number) =>
    `<clipPath id="${id}"><rect x="0" y="0" width="${String(width)}" height="9"/></clipPath>`;
  const line = (id: string) => `<g clip-path="url(#${id})"><path d="M0,0L9,9" stroke="red"/></g>`;
  const svg = `<svg><defs>${clip('a', 5)}${clip('b', 5)}${clip('c', 7)}</defs>${['a', 'b', 'c'].map(line).join('')}</svg>`;
  expect(compactSvg(svg, 'rounds')).toBe(
    '<svg><defs><clipPath id="rounds-clip-0"><rect x="0" y="0" width="5" height="9"/></clipPath>' +
      '<clipPath id="rounds-clip-1"><rect x="0" y="0" width="7" height="9"/></clipPath></defs>' +
      '<g clip-path="url(#rounds-clip-0)" stroke="red"><path d="m0 0 9 9"/><path d="m0 0 9 9"/></g>' +
      '<g clip-path="url(#rounds-clip-1)"><path d="m0 0 9 9" stroke="red"/></g></svg>',
  );
});

test('what marks share is said by their group, most of them where not all', () => {
  const marks = ['red', 'blue', 'blue'].map(
    (fill, x) => `<path transform="translate(${x},0)" d="M0,0L1,2" fill="${fill}"/>`,
  );
  expect(compactSvg(`<svg><g class="mark-symbol role-mark">${marks.join('')}</g></svg>`, 'x')).toBe(
    '<svg><g class="mark-symbol role-mark" fill="blue"><path d="m0 0 1 2" fill="red"/>' +
      '<path transform="translate(1,0)" d="m0 0 1 2"/><path transform="translate(2,0)" d="m0 0 1 2"/></g></svg>',
  );
});

test.each([
  ['M2.4,0A2.4,2.4,0,1,1,-2.4,0A2.4,2.4,0,1,1,2.4,0', 'm2.4 0a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 1 1 4.8 0'],
  ['M0,0h170v190h-170Z', 'm0 0h170v190h-170z'],
  ['M1,1C2,2,3,3,4.25,1', 'm1 1c1 1 2 2 3.3 0'],
  ['M1,1L1,1', 'm1 1h0'],
  ['M1,1L1.01,1L3,1L3.04,0.5M0,0L1e-7,0.06', 'm1 1h2v-.5m-3-.5v.1'],
])('path %s', (path, compact) => {
  expect(compactPath(path)).toBe(compact);
});

test('no point of a path is off by more than the rounding, however long the path', () => {
  const number = fc.double({ min: -2000, max: 2000, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 2, maxLength: 40 }), (points) => {
      const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x},${y}`).join('');
      const drawn = corners(compactPath(path));
      for (const [x, y] of points)
        expect(drawn.some(([a, b]) => Math.abs(a - x) < 0.0501 && Math.abs(b - y) < 0.0501)).toBe(true);
    }),
  );
});

/** The corners of a path of relative lines. */
function corners(path: string): [number, number][] {
  const numbers = (list: string) => list.match(/-?\d*\.?\d+/g)?.map(Number) ?? [];
  let [x, y] = [0, 0];
  return [...path.matchAll(/([mhvl])([^mhvl]*)/g)].flatMap(([, command, list = '']) => {
    const found = numbers(list);
    const steps =
      command === 'h'
        ? found.map((dx) => [dx, 0])
        : command === 'v'
          ? found.map((dy) => [0, dy])
          : found.flatMap((dx, index) => (index % 2 === 0 ? [[dx, found[index + 1]!]] : []));
    return steps.map(([dx = 0, dy = 0]): [number, number] => [(x += dx), (y += dy)]);
  });
}
