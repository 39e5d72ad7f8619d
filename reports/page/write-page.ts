import { replaceOutput } from '../../src/results/output-file.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { backgroundOf } from '../background.ts';
import type { Watched } from './watched.ts';

/**
 * Renders the report page of a result and writes it to `path`; while the run goes on as one that loads itself anew.
 * Loads the drawing libraries only now.
 */
export async function writePage(result: BenchResult, path: string, watched?: Watched): Promise<void> {
  const { renderPage } = await import('./page.ts');
  replaceOutput(path, await renderPage(result, backgroundOf(result), watched));
}
