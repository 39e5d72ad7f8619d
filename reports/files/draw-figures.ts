import type { BenchResult } from '../../src/results/schema.ts';
import { resultFigures, type Background } from '../figures/result-figures.ts';
import { renderPng } from '../render/png.ts';
import { literalTheme } from '../render/theme.ts';
import { compileFigure, renderSvg } from '../render/vega.ts';

/** Each figure on white, with its title, as wide as a page. */
export async function* drawFigureFiles(result: BenchResult, background: Background) {
  for (const { id, spec } of resultFigures(result, background)) {
    const { vega } = await compileFigure(
      spec({ theme: literalTheme, layout: 'wide', axes: 'log', isTitled: true }),
    );
    const svg = await renderSvg(vega);
    yield { id, svg, png: () => renderPng(svg) };
  }
}
