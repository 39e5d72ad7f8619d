import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { EcfxError } from '../errors.ts';
import { largestBatches } from '../analysis/training.ts';
import type { Precision } from '../engines/engine.ts';
import type { OptimizerName } from '../gradients/optimizers/registry.ts';
import { buildGraph, formatVariant, type Variant } from '../models/variants/variant.ts';
import { packageVersion } from '../package-root.ts';
import { fileProblem } from '../results/file-problem.ts';
import { runsFolder } from '../results/latest-run.ts';
import { appendRecord, createRunFile, runFileName, runFileTaken } from '../results/run-file.ts';
import type { Protocol, RunHeader, Subject } from '../results/schema.ts';
import { mostSearched, powerOfTwoUpTo, searchSubject, type BatchSearch } from './batch-search.ts';
import { currentCommit } from './machine/commit.ts';
import type { ChosenDevice } from './devices/choose.ts';
import { machineFacts } from './machine/facts.ts';
import { availableMemory } from './machine/memory.ts';
import { roundsOfShard, type Shard } from './plan.ts';
import { withinBudget } from './protocol.ts';
import { thisWriter } from './writer.ts';

export interface RunRequest {
  readonly variants: readonly Variant[];
  readonly modes: readonly Subject['mode'][];
  /** Of training. */
  readonly optimizer: OptimizerName;
  /** Images per step; `auto` is the largest power of two that all variants of a mode can do. */
  readonly batches: readonly (number | 'auto')[];
  readonly threads: number;
  readonly devices: readonly ChosenDevice[];
  readonly precision: Precision;
  readonly seed: number;
  readonly protocol: Protocol;
  /** The part of the plan that this run is to measure; all of it when absent. */
  readonly shard?: Shard;
  /** The command line, for the result file. */
  readonly command: readonly string[];
}

/** The threads that a run may use at most: those of this machine that the process is allowed on. */
export function mostThreads(): number {
  return os.availableParallelism();
}

type Batches = (mode: Subject['mode']) => readonly number[];

/**
 * What a request asks to measure. Every variant is built once, so that one that cannot be is refused before the first
 * measurement. Throws `EcfxError` (usage).
 */
function subjectsOf(
  { variants, modes, optimizer, threads, devices, precision }: RunRequest,
  batchesOf: Batches,
): Subject[] {
  if (threads > mostThreads()) {
    throw new EcfxError(
      'usage',
      `${threads} threads were asked for, and this machine has ${mostThreads()} to give`,
      {
        suggestions: [`Use --threads ${mostThreads()} or fewer.`],
      },
    );
  }
  if (precision === 'fp16' && modes.includes('training')) {
    throw new EcfxError('unavailable', 'training in fp16 is not there: it needs a scaled loss', {
      suggestions: ['Use --precision fp32, or --mode inference.'],
    });
  }
  for (const variant of variants) buildGraph(variant, Math.min(...modes.flatMap(batchesOf)));
  const names = [...new Set(variants.map(formatVariant))];
  return modes.flatMap((mode) =>
    devices.flatMap(({ engine, device }) =>
      batchesOf(mode).flatMap((batch) =>
        names.map((variant) => ({
          variant,
          mode,
          engine,
          device,
          precision,
          batch,
          threads,
          ...(mode === 'training' && { optimizer }),
        })),
      ),
    ),
  );
}

/** What would be measured, with a batch that is to be found taken from what liveness says of memory. */
export function plannedSubjects(request: RunRequest): Subject[] {
  const bytes = memoryOf(request);
  const predicted = Object.fromEntries(
    request.modes.map((mode) => {
      const largest = request.variants.map(
        (variant) => largestBatches(variant, request.optimizer, bytes)[mode],
      );
      return [mode, powerOfTwoUpTo(Math.min(mostSearched, ...largest))];
    }),
  );
  return subjectsOf(request, (mode) => fillIn(request.batches, predicted[mode]!));
}

function memoryOf({ protocol: { memoryLimitBytes = Infinity } }: RunRequest): number {
  return Math.min(memoryLimitBytes, availableMemory());
}

function fillIn(batches: RunRequest['batches'], found: number): number[] {
  return [...new Set(batches.map((batch) => (batch === 'auto' ? found : batch)))];
}

/**
 * Starts a run: its folder, and in it the run file with its header. Returns both.
 * Throws `EcfxError` when the request makes no sense, the engine is not there, or the folder cannot be written.
 */
export async function startRun(
  request: RunRequest,
  folder: string,
  search: SearchOptions = {},
): Promise<{ path: string; header: RunHeader }> {
  checkRequest(request);
  const path = makeFolder(folder);
  const { subjects, searches } = await findSubjects(request, search);
  const header: RunHeader = {
    type: 'run',
    schema: 'ecfx.run/1',
    startedAt: new Date().toISOString(),
    command: [...request.command],
    seed: request.seed,
    protocol: withinBudget(request.protocol, subjects),
    subjects,
    machine: await machineFacts(),
    commit: currentCommit(),
    writer: thisWriter(),
    ...(request.shard && { shard: request.shard }),
    versions: {
      ecfx: packageVersion(),
      node: process.versions.node,
      ...Object.fromEntries(request.devices.flatMap(({ versions }) => Object.entries(versions))),
    },
    devices: request.devices.map(({ engine, device, hardware: { name, driver, isSoftware } }) => {
      return { engine, device, name, driver, isSoftware };
    }),
  };
  createRunFile(path, header);
  for (const each of searches) appendRecord(path, { type: 'batch-search', ...each });
  return { path, header };
}

/** Throws `EcfxError` (usage) for what could not be measured, whatever batch is found. */
function checkRequest(request: RunRequest): void {
  const { shard, protocol } = request;
  subjectsOf(request, () => fillIn(request.batches, 2));
  if (roundsOfShard(protocol.rounds, shard) === 0) {
    throw new EcfxError(
      'usage',
      `shard ${shard!.index} of ${shard!.count} has nothing to do: the plan has ${protocol.rounds} rounds`,
      { suggestions: [`Ask for more rounds, or for ${protocol.rounds} shards at most.`] },
    );
  }
}

/** Returns where the run file is to be. Throws `EcfxError` (input) when there is one, or no folder can be made. */
function makeFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new EcfxError('input', `cannot make the folder ${folder}: ${fileProblem(error)}`, { cause: error });
  }
  const path = join(folder, runFileName);
  if (existsSync(path)) throw runFileTaken(path);
  return path;
}

export interface SearchOptions {
  readonly signal?: AbortSignal;
  /** Told of each subject before its largest batch is looked for. */
  readonly onSearch?: (subject: Subject) => void;
}

/** The subjects of a request; where it leaves the batch open, after a search for each variant's largest. */
async function findSubjects(request: RunRequest, { signal, onSearch }: SearchOptions) {
  if (!request.batches.includes('auto'))
    return { subjects: subjectsOf(request, () => fillIn(request.batches, 1)), searches: [] };
  const searches: (Subject & BatchSearch)[] = [];
  for (const subject of subjectsOf(request, () => [2])) {
    onSearch?.(subject);
    const found = await searchSubject(subject, request.seed, {
      memoryLimitBytes: request.protocol.memoryLimitBytes,
      ...(signal && { signal }),
    });
    if (found.largest === null) {
      throw new EcfxError('failure', `not even one image fits: ${subject.variant}, ${subject.mode}`, {
        suggestions: found.tries.slice(0, 1).map(({ error }) => error ?? 'no reason given'),
      });
    }
    searches.push({ ...subject, batch: found.largest, ...found });
  }
  const common = (mode: Subject['mode']) =>
    powerOfTwoUpTo(
      Math.min(...searches.filter((each) => each.mode === mode).map(({ advised }) => advised ?? 1)),
    );
  return { subjects: subjectsOf(request, (mode) => fillIn(request.batches, common(mode))), searches };
}

/** The folder of a run that was given none: `ecfx-runs/2026-03-01T12-30-00`, in UTC. */
export function defaultRunFolder(now: Date): string {
  return join(runsFolder, now.toISOString().slice(0, 19).replaceAll(':', '-'));
}
