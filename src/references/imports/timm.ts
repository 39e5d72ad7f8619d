import { EcfxError } from '../../errors.ts';
import { variantOfFieldName } from '../../models/variants/field-names.ts';
import { parseCsv } from '../../results/csv-rows.ts';
import type { ImportedRow } from '../../results/schema.ts';
import type { ForeignFile, Importer } from './imported.ts';

/**
 * timm's benchmark files (huggingface/pytorch-image-models, results/benchmark-*.csv): images per second at the largest
 * batch that fits, which differs from row to row. Columns stand in any order; device and precision are in the file's
 * name. `infer_gmacs` is what fvcore counts, norms included.
 */
export const timm: Importer = {
  format: 'timm benchmark CSV',
  recognizes: ({ text }) => /^\uFEFF?[^\n]*\b(infer|train)_samples_per_sec\b/.test(text),
  read(file) {
    return parseCsv(file.text, file.path).flatMap(({ line, cells }) =>
      (['infer', 'train'] as const).flatMap((mode) => rowOf(file, line, cells, mode) ?? []),
    );
  },
};

function rowOf(
  { path, stem }: ForeignFile,
  line: number,
  cells: Readonly<Record<string, string>>,
  mode: 'infer' | 'train',
): ImportedRow | undefined {
  if (!cells[`${mode}_samples_per_sec`]) return undefined;
  const number = (name: string) => {
    const value = Number(cells[name]);
    if (!cells[name] || !(value > 0)) {
      throw new EcfxError('input', `${path}, line ${line}: “${cells[name] ?? ''}” is no ${name}`);
    }
    return value;
  };
  const optional = (name: string, unit: number) => (cells[name] ? number(name) * unit : null);
  const network = cells['model'] ?? '';
  const resolution = number(`${mode}_img_size`);
  return {
    origin: 'imported',
    file: path,
    network,
    variant: variantOfFieldName(network, resolution),
    mode: mode === 'infer' ? 'inference' : 'training',
    setting: stem.replace(/^benchmark-(infer|train)-/, ''),
    resolution,
    batch: number(`${mode}_batch_size`),
    imagesPerSecond: number(`${mode}_samples_per_sec`),
    macs: optional(`${mode}_gmacs`, 1e9),
    parameters: optional('param_count', 1e6),
  };
}
