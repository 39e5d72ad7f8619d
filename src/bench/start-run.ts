import { mkdirSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { EcfxError } from '../errors.ts';
import type { Precision } from '../engines/engine.ts';
import type { OptimizerName } from '../gradients/optimizers/registry.ts';
import { buildGraph, formatVariant, type Variant } from '../models/variant.ts';
import { packageVersion } from '../package-root.ts';
import { fileProblem } from '../results/file-problem.ts';
import { runsFolder } from '../results/latest-run.ts';
import { createRunFile, runFileName } from '../results/run-file.ts';
import type { Protocol, RunHeader, Subject } from '../results/schema.ts';
import type { ChosenDevice } from './devices/choose.ts';
import { machineFacts } from './machine.ts';

export interface RunRequest {
  readonly variants: readonly Variant[];
  readonly modes: readonly Subject['mode'][];
  /** Of training. */
  readonly optimizer: OptimizerName;
  readonly batch: number;
  readonly threads: number;
  readonly devices: readonly ChosenDevice[];
  readonly precision: Precision;
  readonly seed: number;
  readonly protocol: Protocol;
  /** The command line, for the result file. */
  readonly command: readonly string[];
}

/** The threads that a run may use at most: those of this machine that the process is allowed on. */
export function mostThreads(): number {
  return os.availableParallelism();
}

/**
 * What a request asks to measure. Every variant is built once, so that one that cannot be is refused before the first
 * measurement. Throws `EcfxError` (usage).
 */
export function subjectsOf({
  variants,
  modes,
  optimizer,
  batch,
  threads,
  devices,
  precision,
}: RunRequest): Subject[] {
  if (threads > mostThreads()) {
    throw new EcfxError(
      'usage',
      `${threads} threads were asked for, and this machine has ${mostThreads()} to give`,
      {
        suggestions: [`Use --threads ${mostThreads()} or fewer.`],
      },
    );
  }
  for (const variant of variants) buildGraph(variant, batch);
  const names = [...new Set(variants.map(formatVariant))];
  return modes.flatMap((mode) =>
    devices.flatMap(({ engine, device }) =>
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
  );
}

/**
 * Starts a run: its folder, and in it the run file with its header. Returns both.
 * Throws `EcfxError` when the request makes no sense or the folder cannot be written.
 */
export function startRun(request: RunRequest, folder: string): { path: string; header: RunHeader } {
  const header: RunHeader = {
    type: 'run',
    schema: 'ecfx.run/1',
    startedAt: new Date().toISOString(),
    command: [...request.command],
    seed: request.seed,
    protocol: request.protocol,
    subjects: subjectsOf(request),
    machine: machineFacts(),
    versions: {
      ecfx: packageVersion(),
      node: process.versions.node,
      ...Object.fromEntries(request.devices.flatMap(({ versions }) => Object.entries(versions))),
    },
    devices: request.devices.map(({ engine, device, hardware }) => ({ engine, device, ...hardware })),
  };
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new EcfxError('input', `cannot make the folder ${folder}: ${fileProblem(error)}`, { cause: error });
  }
  const path = join(folder, runFileName);
  createRunFile(path, header);
  return { path, header };
}

/** The folder of a run that was given none: `ecfx-runs/2026-03-01T12-30-00`, in UTC. */
export function defaultRunFolder(now: Date): string {
  return join(runsFolder, now.toISOString().slice(0, 19).replaceAll(':', '-'));
}
