/** Writes every figure of a result as a file of its own: SVG, or PNG with a font that comes with ecfx. */
import { join } from 'node:path';
import { writeOutput } from '../../src/results/output-file.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { backgroundOf } from '../background.ts';

export type PictureFormat = 'svg' | 'png';

/** The paths that were written; the drawing libraries are loaded only now. */
export async function writeFigures(
  result: BenchResult,
  folders: Readonly<Partial<Record<PictureFormat, string>>>,
): Promise<string[]> {
  const { drawFigureFiles } = await import('./draw-figures.ts');
  const written: string[] = [];
  for await (const { id, svg, png } of drawFigureFiles(result, backgroundOf(result))) {
    const save = (folder: string, extension: PictureFormat, content: string | Uint8Array): void => {
      const path = join(folder, `${id}.${extension}`);
      writeOutput(path, content);
      written.push(path);
    };
    if (folders.svg !== undefined) save(folders.svg, 'svg', svg);
    if (folders.png !== undefined) save(folders.png, 'png', await png());
  }
  return written;
}
