import { basename, extname } from 'node:path';
import { EcfxError } from '../../errors.ts';
import { readInput } from '../../results/input-file.ts';
import type { ImportedRow } from '../../results/schema.ts';
import { macsPerImage } from '../../analysis/published.ts';
import type { ForeignFile, Importer } from './imported.ts';
import { onnxruntimePerf } from './onnxruntime-perf.ts';
import { timm } from './timm.ts';
import { trtexec } from './trtexec.ts';

const importers: readonly Importer[] = [timm, trtexec, onnxruntimePerf];

/**
 * Reads what another tool measured elsewhere. Networks that ecfx has get ecfx's own count in place of the tool's.
 * Throws `EcfxError` (input) on a file that no importer knows.
 */
export function importResults(path: string): ImportedRow[] {
  const file: ForeignFile = { path, stem: basename(path, extname(path)), text: readInput(path) };
  const importer = importers.find((each) => each.recognizes(file));
  if (!importer) {
    throw new EcfxError('input', `${path} holds no results that ecfx can import`, {
      suggestions: [`It reads: ${importers.map(({ format }) => format).join(', ')}.`],
    });
  }
  return importer
    .read(file)
    .map((row) => (row.variant === null ? row : { ...row, macs: macsPerImage(row.variant) }));
}
