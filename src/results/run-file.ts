import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { EcfxError } from '../errors.ts';
import { fileProblem } from './file-problem.ts';
import { runHeader, runRecord, type RunHeader, type RunRecord } from './schema.ts';

/** The raw record of a run inside its folder: JSON Lines, appended to and never rewritten. */
export const runFileName = 'run.jsonl';

const schemaFamily = 'ecfx.run/';

/** Starts a run file. Throws `EcfxError` (input) when it exists or cannot be written. */
export function createRunFile(path: string, header: RunHeader): void {
  try {
    const file = openSync(path, 'wx');
    try {
      writeSync(file, `${JSON.stringify(header)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw runFileProblem(path, error);
  }
}

/** For those who find a run file where they want to start one, before they do any work for it. */
export function runFileTaken(path: string): EcfxError {
  return runFileProblem(path, Object.assign(new Error(), { code: 'EEXIST' }));
}

function runFileProblem(path: string, error: unknown): EcfxError {
  return new EcfxError('input', `cannot start the run file ${path}: ${fileProblem(error)}`, {
    suggestions: [
      'Name another folder with --output.',
      `Go on with a run that was stopped: ecfx bench --resume ${dirname(path)}`,
    ],
    cause: error,
  });
}

/**
 * Appends one record as one line, whole and with the operating system when this returns; when it cannot be written
 * whole, nothing of it stays. Throws `EcfxError` (failure).
 */
export function appendRecord(path: string, record: RunRecord): void {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  try {
    const file = openSync(path, 'a');
    try {
      const before = fstatSync(file).size;
      try {
        for (let written = 0; written < line.length;) written += writeSync(file, line, written);
      } catch (error) {
        ftruncateSync(file, before);
        throw error;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new EcfxError(
      'failure',
      `cannot write to ${path}: ${fileProblem(error)}; what was written before is kept`,
      { suggestions: [`Make room and go on with: ecfx bench --resume ${dirname(path)}`], cause: error },
    );
  }
}

/** Cuts off a last line that its writer did not finish, so that another writer may append. */
export function dropUnfinishedLine(path: string): void {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
}

export interface Run {
  readonly path: string;
  readonly header: RunHeader;
  readonly records: readonly RunRecord[];
  /** What is odd about the file but does not make it unreadable. */
  readonly warnings: readonly string[];
}

/**
 * Reads a run folder, or its run file. A last line that was cut off (the writer was killed) is left out with a warning.
 * Throws `EcfxError` (input) when the file is not a run, is of a newer schema, or is damaged.
 */
export function readRun(path: string): Run {
  const file = locate(path);
  const lines = readText(file).split('\n');
  const unfinished = lines.pop() ?? '';
  const warnings: string[] = [];
  if (unfinished !== '') warnings.push(`${file}: the last line is cut off and was left out`);
  const header = parseHeader(file, lines[0] ?? unfinished);
  const records = lines.slice(1).map((line, index) => parseRecord(file, line, index + 2));
  return { path: file, header, records, warnings };
}

function locate(path: string): string {
  try {
    return statSync(path).isDirectory() ? join(path, runFileName) : path;
  } catch (error) {
    throw new EcfxError('input', `${path}: ${fileProblem(error)}`, {
      suggestions: ['Name the folder that ecfx bench wrote, or the run.jsonl in it.'],
      cause: error,
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new EcfxError('input', `cannot read ${file}: ${fileProblem(error)}`, { cause: error });
  }
}

function parseHeader(file: string, line: string): RunHeader {
  const value = parseJson(line);
  const schema = z.looseObject({ schema: z.string() }).safeParse(value);
  if (!schema.success || !schema.data.schema.startsWith(schemaFamily)) {
    throw new EcfxError(
      'input',
      `${file} is not a run that ecfx wrote: its first line names no ${schemaFamily} schema`,
    );
  }
  const header = runHeader.safeParse(value);
  if (header.success) return header.data;
  if (schema.data.schema !== runHeader.shape.schema.value) {
    throw new EcfxError(
      'input',
      `${file} has the schema ${schema.data.schema}; this ecfx reads ${runHeader.shape.schema.value}`,
      { suggestions: ['Use the version of ecfx that wrote it, or a newer one.'] },
    );
  }
  throw new EcfxError('input', `${file}, line 1: ${z.prettifyError(header.error)}`);
}

function parseRecord(file: string, line: string, number: number): RunRecord {
  const record = runRecord.safeParse(parseJson(line));
  if (record.success && record.data.type !== 'run') return record.data;
  const why = record.success ? 'a second header' : z.prettifyError(record.error);
  throw new EcfxError('input', `${file}, line ${number} is damaged: ${why}`);
}

/** The line's JSON; undefined, which no schema accepts, when it is none. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
