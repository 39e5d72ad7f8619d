import { EcfxError } from '../errors.ts';

/** Reads a percentage above 0 and below 100, `2%` or `0.5 %`, as a fraction. Throws `EcfxError` (usage). */
export function parsePercentage(text: string): number {
  const [, digits] = /^\s*(\d{1,2}(?:\.\d{1,4})?)\s*%\s*$/.exec(text) ?? [];
  const fraction = Number(digits) / 100;
  if (!(fraction > 0)) {
    throw new EcfxError('usage', `“${text}” is not a percentage`, {
      suggestions: ['Write a number above 0 with its sign, such as 2% or 0.5%.'],
    });
  }
  return fraction;
}
