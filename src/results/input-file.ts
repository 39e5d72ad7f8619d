import { readFileSync } from 'node:fs';
import { EcfxError } from '../errors.ts';

/** The text of a file that somebody named. Throws `EcfxError` (input) when it cannot be read. */
export function readInput(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EcfxError('input', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
