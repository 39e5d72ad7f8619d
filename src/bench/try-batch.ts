import { estimateMemory } from '../analysis/memory.ts';
import type { Precision } from '../engines/engine.ts';
import { deviceOf } from '../engines/registry.ts';
import { initializeWeights, randomInputs } from '../engines/weights.ts';
import { EcfxError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Subject } from '../results/schema.ts';
import { graphOf } from './subject-graph.ts';

export interface BatchTry {
  readonly peakMemoryBytes: number | null;
  readonly error?: string;
}

/** Steps of a try: the second finds what the first left behind. */
const steps = 2;

/** Runs a subject's steps in this process, to see whether they fit. */
export async function tryBatch({
  subject,
  seed,
  memoryLimitBytes,
}: {
  readonly subject: Subject;
  readonly seed: number;
  readonly memoryLimitBytes: number;
}): Promise<BatchTry> {
  try {
    const graph = graphOf(subject);
    refuseHopeless(graph, memoryLimitBytes);
    const options = {
      weights: initializeWeights(graph, seed),
      threads: subject.threads,
      precision: subject.precision as Precision,
    };
    const executable = await deviceOf(subject.engine, subject.device).compile(graph, options);
    const step = executable.bind(randomInputs(graph, seed));
    for (let count = 0; count < steps; count++) await step.advance();
    await step.synchronize();
    return { peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
  } catch (error) {
    return { peakMemoryBytes: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Throws `EcfxError` (failure) when the least memory that liveness allows is above the limit already: then nothing needs
 * to be tried.
 */
export function refuseHopeless(graph: Graph, memoryLimitBytes: number): void {
  const { peak } = estimateMemory(graph);
  if (peak <= memoryLimitBytes) return;
  throw new EcfxError(
    'failure',
    `out of memory: a step needs at least ${gigabytes(peak)}, and there are ${gigabytes(memoryLimitBytes)}`,
  );
}

/** `4.2 GB`. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(bytes < 1e9 ? 2 : 3)} GB`;
}
