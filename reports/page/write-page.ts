import { macsPerImage, studyPoints } from '../../src/analysis/published.ts';
import { writeOutput } from '../../src/results/output-file.ts';
import type { BenchResult } from '../../src/results/schema.ts';

/** Renders the report page of a result and writes it to `path`. Loads the drawing libraries only now. */
export async function writePage(result: BenchResult, path: string): Promise<void> {
  const { renderPage } = await import('./page.ts');
  const study = studyPoints().map((point) => ({ ...point, flops: 2 * macsPerImage(point.variant) }));
  writeOutput(path, await renderPage(result, study));
}
