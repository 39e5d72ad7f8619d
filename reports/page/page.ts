import type { BenchResult } from '../../src/results/schema.ts';
import type { Figure, Layout } from '../figures/figure.ts';
import type { StudyPoint } from '../figures/front-page-data.ts';
import { resultFigures } from '../figures/result-figures.ts';
import { cssTheme } from '../render/theme.ts';
import { compileFigure, renderSvg, type CompiledFigure } from '../render/vega.ts';
import { benchTable } from '../tables/bench-table.ts';
import { loadClientBundle } from './client-bundle.ts';
import { pageDocument, type Drawing, type DrawnFigure } from './document.ts';

/** One HTML file that needs nothing else: no network, no server, and no scripts to be read. */
export async function renderPage(result: BenchResult, study: readonly StudyPoint[]): Promise<string> {
  const [client, figures] = await Promise.all([
    loadClientBundle(),
    Promise.all(resultFigures(result, study).map(drawFigure)),
  ]);
  return pageDocument({ result, figures, table: benchTable(result), client });
}

async function drawFigure(figure: Figure): Promise<DrawnFigure> {
  const [wide, narrow] = await Promise.all([draw(figure, 'wide'), draw(figure, 'narrow')]);
  return { figure, wide, narrow };
}

async function draw(figure: Figure, layout: Layout): Promise<Drawing> {
  const { vega }: CompiledFigure = await compileFigure(
    figure.spec({ theme: cssTheme, layout, isTitled: false }),
  );
  return { vega, svg: await renderSvg(vega) };
}
