import { writeOutput } from '../../src/results/output-file.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { backgroundOf } from '../background.ts';

/** Renders the report page of a result and writes it to `path`. Loads the drawing libraries only now. */
export async function writePage(result: BenchResult, path: string): Promise<void> {
  const { renderPage } = await import('./page.ts');
  writeOutput(path, await renderPage(result, backgroundOf(result)));
}
