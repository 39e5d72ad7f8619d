import { EcfxError } from '../errors.ts';

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Reads a duration, `90s`, `10m` or `1h30m`, as seconds. Throws `EcfxError` (usage). */
export function parseDuration(text: string): number {
  const isDuration = /^\s*(\d{1,6}(\.\d{1,3})?\s*[smh]\s*)+$/i.test(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([smh])/gi)];
  const seconds = parts.reduce(
    (sum, [, digits, unit]) => sum + Number(digits) * secondsPer[unit!.toLowerCase()]!,
    0,
  );
  if (!isDuration || seconds <= 0) {
    throw new EcfxError('usage', `“${text}” is not a duration`, {
      suggestions: ['Write a number and a unit, such as 90s, 10m or 1h30m.'],
    });
  }
  return seconds;
}
