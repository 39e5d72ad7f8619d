import { expect, test } from 'vitest';
import { textWidth } from '../../../reports/render/text-width.ts';
import { compileFigure, renderSvg } from '../../../reports/render/vega.ts';

test('what Vega-Lite complains about is collected, not printed', async () => {
  const { warnings } = await compileFigure({
    data: { values: [{ a: 1 }] },
    mark: 'point',
    encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'log', zero: true } } },
  });
  expect(warnings.length).toBeGreaterThan(0);
});

test('a figure cannot load anything', async () => {
  const { vega } = await compileFigure({
    data: { url: 'file:///etc/hostname' },
    mark: 'point',
    encoding: {},
  });
  // Vega goes on with no data; what matters is that nothing was read.
  const svg = await renderSvg({ ...vega, background: 'transparent' });
  expect(svg).not.toMatch(/mark-symbol[^>]*><path/);
});

test('drawings are reproducible', async () => {
  const spec = {
    data: { values: [{ name: 'EfficientNet-B0', value: 1 }] },
    mark: 'bar',
    encoding: { y: { field: 'name', type: 'nominal' }, x: { field: 'value', type: 'quantitative' } },
  } as const;
  const drawings = await Promise.all(
    [1, 2].map(async () => renderSvg((await compileFigure(structuredClone(spec) as never)).vega)),
  );
  expect(drawings[0]).toBe(drawings[1]);
});

test('text is about as wide as system fonts make it', () => {
  // 73 pixels in DejaVu Sans, the widest of the usual fonts, at 10 pixels; Vega's own guess is 120.
  expect(textWidth('EfficientNet-B0', 10)).toBeGreaterThan(62);
  expect(textWidth('EfficientNet-B0', 10)).toBeLessThan(76);
  expect(textWidth('b0', 11, true)).toBeGreaterThan(textWidth('b0', 11));
  expect(textWidth('', 11)).toBe(0);
});
