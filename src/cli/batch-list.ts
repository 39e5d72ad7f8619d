import { EcfxError } from '../errors.ts';

/** Images per step: numbers, or the largest that memory allows. */
export type BatchChoice = number | 'auto';

const mostImages = 65_536;

/** Reads `16`, `auto` or a list such as `1,8,32,auto`; a batch that is named twice counts once. Throws `EcfxError` (usage). */
export function parseBatches(text: string): BatchChoice[] {
  const batches = text.split(',').map((word) => parseBatch(word.trim(), text));
  return [...new Set(batches)];
}

function parseBatch(word: string, text: string): BatchChoice {
  if (word === 'auto') return word;
  const batch = /^\d{1,9}$/.test(word) ? Number(word) : NaN;
  if (batch >= 1 && batch <= mostImages) return batch;
  throw new EcfxError(
    'usage',
    `--batch takes numbers from 1 to ${mostImages} or auto, separated by commas, not “${text}”`,
    { suggestions: ['Write 16, auto, or a list for a curve: 1,4,16,64.'] },
  );
}
