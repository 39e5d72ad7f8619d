import { expect, test } from 'vitest';
import { frontPageFigure } from '../../reports/figures/front-page.ts';
import type { FrontPagePoint } from '../../reports/figures/front-page-data.ts';

const point = (variant: string, recipe: string, flops: number, top1: number): FrontPagePoint => ({
  ...{ variant, recipe, flops, top1, series: 'family', size: variant, error: 0, origin: 'published' },
  throughput: { estimate: 1e12 / flops, low: 0.9e12 / flops, high: 1.1e12 / flops },
});

const draw = (...measured: FrontPagePoint[]) => frontPageFigure({ measured, study: [], mode: 'inference' })!;

test('accuracies of several recipes are never drawn without saying so', () => {
  const mixed = draw(
    point('tinynet-a', 'TinyNet release', 7e8, 76.8),
    point('ghostnet', 'GhostNet release', 3e8, 74),
  );
  expect(mixed.title).toContain('2 training recipes');
  expect(mixed.caption).toContain('TinyNet release; GhostNet release');
  expect(mixed.tables[0].columns.map(({ key }) => key)).toContain('recipe');
});

test('accuracies of one recipe compare networks', () => {
  const same = draw(point('tinynet-a', 'timm in1k', 7e8, 77), point('tinynet-b', 'timm in1k', 4e8, 75));
  expect(same.title).not.toContain('recipes');
  expect(same.caption).not.toContain('recipes');
});

test('across recipes no network is said to be faster at the same accuracy', () => {
  // Dearer, more accurate and faster: an inversion, were it trained the same way.
  const dearer = {
    ...point('ghostnet', 'another', 7e8, 77),
    throughput: { estimate: 9e4, low: 8e4, high: 1e5 },
  };
  const cheaper = point('tinynet-b', 'timm in1k', 4e8, 75);
  expect(draw(dearer, cheaper).title).not.toMatch(/needs .* the FLOPs/);
  expect(draw({ ...dearer, recipe: 'timm in1k' }, cheaper).title).toMatch(/needs .* the FLOPs/);
});
