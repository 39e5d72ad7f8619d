import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EcfxError } from '../errors.ts';
import { runFileName } from './run-file.ts';

/** Where runs go that were given no folder. */
export const runsFolder = 'ecfx-runs';

/** The latest run under `ecfx-runs`; its folders are named by time. Throws `EcfxError` (input) when there is none. */
export function latestRunFolder(): string {
  const names = existsSync(runsFolder) ? readdirSync(runsFolder).sort() : [];
  const latest = names.findLast((name) => existsSync(join(runsFolder, name, runFileName)));
  if (latest === undefined) {
    throw new EcfxError('input', `there is no run under ${runsFolder} to report on`, {
      suggestions: ['Name the folder of a run, or measure first with: ecfx bench --quick'],
    });
  }
  return join(runsFolder, latest);
}
