import { EcfxError } from '../errors.ts';

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};

/** Reads an amount of memory, `16GB`, `16G` or `512 MiB`, as bytes. Throws `EcfxError` (usage). */
export function parseBytes(text: string): number {
  const [, digits = '', unit = ''] = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]{1,3})\s*$/i.exec(text) ?? [];
  const factor = units[unit.toUpperCase()];
  if (factor === undefined) {
    throw new EcfxError('usage', `“${text}” is not an amount of memory`, {
      suggestions: ['Write a number and a unit, such as 16GB or 512MiB.'],
    });
  }
  return Number(digits) * factor;
}
