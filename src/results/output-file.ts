import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EcfxError } from '../errors.ts';
import { fileProblem } from './file-problem.ts';

/**
 * Makes sure, before any work is done, that a result can be written to `path`; leaves nothing behind.
 * Throws `EcfxError` (input) when it cannot.
 */
export function checkWritable(path: string): void {
  try {
    const existed = existsSync(path);
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
    if (!existed) rmSync(path);
  } catch (error) {
    throw new EcfxError('input', `cannot write ${path}: ${fileProblem(error)}`, { cause: error });
  }
}

/** Writes a result file, with its folders. Throws `EcfxError` (input) when that fails. */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new EcfxError('input', `cannot write ${path}: ${fileProblem(error)}`, { cause: error });
  }
}

/**
 * The same for a file that somebody may be reading: what is there stays whole until the new one is.
 * Throws `EcfxError` (input) when that fails.
 */
export function replaceOutput(path: string, content: string): void {
  const unfinished = `${path}.${String(process.pid)}.part`;
  writeOutput(unfinished, content);
  try {
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new EcfxError('input', `cannot write ${path}: ${fileProblem(error)}`, { cause: error });
  }
}
