import { EcfxError } from '../errors.ts';

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Reads a number of operations, `100M` or `0.1 G`. Throws `EcfxError` (usage). */
export function parseOperations(text: string): number {
  const [, digits = '', unit = ''] = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([kmgt]?)\s*$/i.exec(text) ?? [];
  const value = Number(digits) * (units[unit.toUpperCase()] ?? Number.NaN);
  if (digits === '' || !(value > 0)) {
    throw new EcfxError('usage', `“${text}” is not a number of operations`, {
      suggestions: ['Write a number, with a unit where it is large: 100M, 0.1G.'],
    });
  }
  return value;
}
