/** Run folders with SYNTHETIC times, written as a run writes them, so that reports can be tested without measuring. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../src/mathematics/random.ts';
import { appendRecord, createRunFile, runFileName } from '../../src/results/run-file.ts';
import type { RunHeader, Subject } from '../../src/results/schema.ts';

export const tinyNetworks = [
  'efficientnet-b0@32:w0.25,d0.25',
  'efficientnet-b0@32:g4,gn4,w0.25,d0.25',
] as const;

export interface SyntheticRun {
  /** Of the second network over the first. */
  readonly speedUp?: number;
  /** Speed of everything over that of other runs. */
  readonly speed?: number;
  /** Of the control over the reference; 1 where nothing is the matter. */
  readonly controlRatio?: number;
  readonly hasControl?: boolean;
  readonly rounds?: number;
  readonly blocks?: number;
  /** Of each process, waited for one by one; none when absent. */
  readonly latencySteps?: number;
  /** Standard deviation of log times between processes; blocks scatter as much. */
  readonly noise?: number;
  readonly seed?: number;
  readonly startedAt?: string;
  readonly subject?: Partial<Subject>;
  readonly cpu?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly shard?: RunHeader['shard'];
}

/** Writes the folder and returns it. */
export function writeRun(folder: string, options: SyntheticRun = {}): string {
  const { speedUp = 1, speed = 1, controlRatio = 1, hasControl = true, rounds = 8, blocks = 6 } = options;
  const { latencySteps = 0, noise = 0.002, seed = 1, startedAt = '2026-01-02T03:04:05Z', shard } = options;
  const random = createRandom(seed, `synthetic ${startedAt}`);
  const subjects = tinyNetworks.map((variant): Subject => ({
    ...{ variant, mode: 'inference', engine: 'onnxruntime', device: 'cpu', precision: 'fp32' },
    ...{ batch: 4, threads: 1 },
    ...options.subject,
  }));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, runFileName);
  createRunFile(file, {
    type: 'run',
    schema: 'ecfx.run/1',
    startedAt,
    command: ['ecfx', 'bench', 'synthetic'],
    seed,
    protocol: {
      rounds,
      warmUpSeconds: 1,
      minimumWarmUpSteps: 3,
      minimumBlockSeconds: 0.05,
      blocksPerCell: blocks,
    },
    subjects,
    machine: {
      cpu: options.cpu ?? 'Synthetic CPU',
      architecture: 'x64',
      logicalCores: 2,
      memoryBytes: 8e9,
      memoryLimitBytes: null,
      operatingSystem: 'Linux 6.1 (synthetic)',
      loadAverage: 0,
    },
    versions: options.versions ?? { ecfx: '0.1.0' },
    ...(shard && { shard }),
  });
  const [first, second] = [subjects[0]!, subjects[1]!];
  for (let round = 1; round <= rounds; round++) {
    if (shard && round % shard.count !== shard.index % shard.count) continue;
    const shared = (0.01 / speed) * Math.exp(0.1 * random.normal());
    const cells = [
      { subject: first, seconds: shared, control: false },
      { subject: second, seconds: shared / speedUp, control: false },
      ...(hasControl ? [{ subject: first, seconds: shared / controlRatio, control: true }] : []),
    ];
    for (const [index, { subject, seconds, control }] of cells.entries()) {
      const cell = `${round}.${index + 1}`;
      appendRecord(file, {
        type: 'cell',
        cell,
        round,
        position: index + 1,
        ...(control && { control }),
        ...subject,
        startedAt: new Date(Date.parse(startedAt) + 1000 * (10 * round + index)).toISOString(),
      });
      const own = seconds * Math.exp(noise * random.normal());
      for (let block = 0; block < blocks; block++) {
        const steps = 8;
        const time = steps * own * Math.exp(noise * random.normal());
        appendRecord(file, { type: 'block', cell, index: block, steps, start: block * time, seconds: time });
      }
      const single = Array.from({ length: latencySteps }, (_, step) => own * (1 + step / 100));
      if (latencySteps > 0) appendRecord(file, { type: 'latency', cell, seconds: single });
      appendRecord(file, { type: 'cell-end', cell, peakMemoryBytes: 1e8 });
    }
  }
  appendRecord(file, { type: 'run-end', status: 'complete' });
  return folder;
}
