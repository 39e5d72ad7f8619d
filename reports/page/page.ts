import type { BenchResult } from '../../src/results/schema.ts';
import type { AxisType } from '../figures/axis.ts';
import type { Figure, Layout } from '../figures/figure.ts';
import { resultFigures, type Background } from '../figures/result-figures.ts';
import { cssTheme } from '../render/theme.ts';
import { compileFigure, renderSvg } from '../render/vega.ts';
import { benchTable } from '../tables/bench-table.ts';
import { loadClientBundle } from './client-bundle.ts';
import { compactSvg } from './compact-svg.ts';
import { pageDocument, type DrawnFigure } from './document.ts';
import type { CompiledAxes } from './packed-specs.ts';
import type { Watched } from './watched.ts';

/** One HTML file that needs nothing else: no network, no server, and no scripts to be read. */
export async function renderPage(
  result: BenchResult,
  background: Background,
  watched?: Watched,
): Promise<string> {
  const [client, figures] = await Promise.all([
    loadClientBundle(),
    Promise.all(resultFigures(result, background).map(drawFigure)),
  ]);
  return pageDocument({ result, figures, table: benchTable(result), client, watched });
}

async function drawFigure(figure: Figure): Promise<DrawnFigure> {
  const [wide, narrow] = await Promise.all([compile(figure, 'wide'), compile(figure, 'narrow')]);
  return { figure, specs: { wide, narrow }, svg: compactSvg(await renderSvg(wide.log), figure.id) };
}

async function compile(figure: Figure, layout: Layout): Promise<CompiledAxes> {
  const specOf = (axes: AxisType) => figure.spec({ theme: cssTheme, layout, axes, isTitled: false });
  const [logSpec, linearSpec] = [specOf('log'), specOf('linear')];
  const hasChoice = JSON.stringify(logSpec) !== JSON.stringify(linearSpec);
  const { vega: log } = await compileFigure(logSpec);
  const linear = hasChoice ? { linear: (await compileFigure(linearSpec)).vega } : {};
  return { log, ...linear };
}
