import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EcfxError } from '../errors.ts';
import { embeddedResult } from '../results/embedded-result.ts';
import { fileProblem } from '../results/file-problem.ts';
import { readRun, runFileName } from '../results/run-file.ts';
import { benchResult, type BenchResult } from '../results/schema.ts';
import { summarizeRuns } from './summarize.ts';

/**
 * The result of what was saved: run folders (or their run files), folders that hold run folders, which are merged, or one
 * document that `ecfx bench --json` printed, or a page that carries one. Throws `EcfxError` (input, usage).
 */
export function loadResult(paths: readonly string[]): BenchResult {
  const [document] = paths.filter(isDocument);
  if (document === undefined) return summarizeRuns(runFiles(paths).map(readRun));
  if (paths.length === 1) return readDocument(document);
  throw new EcfxError('usage', `${document} is a result, not a run, and cannot be merged with others`, {
    suggestions: ['Name the folders of the runs.'],
  });
}

/** Whether a path names a result that was printed, not a run. */
export function isDocument(path: string): boolean {
  return path.endsWith('.json') || path.endsWith('.html');
}

/** The run files that paths name: of run folders, of folders of run folders, or the files themselves. */
export function runFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
    const own = join(path, runFileName);
    if (existsSync(own)) return [own];
    const inside = readdirSync(path)
      .sort()
      .map((name) => join(path, name, runFileName))
      .filter((file) => existsSync(file));
    return inside.length > 0 ? inside : [own];
  });
}

/** The bench result in a file of JSON or a report page, as it was printed. */
function readDocument(path: string): BenchResult {
  const parsed = benchResult.safeParse(parseJson(path, readText(path)));
  if (parsed.success) return parsed.data;
  throw new EcfxError('input', `${path} is not a bench result: ${z.prettifyError(parsed.error)}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new EcfxError('input', `${path}: ${fileProblem(error)}`, { cause: error });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(path.endsWith('.html') ? embeddedResult(text) : text);
  } catch (error) {
    throw new EcfxError('input', `${path} holds no JSON of ecfx`, { cause: error });
  }
}
