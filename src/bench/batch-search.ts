import { EcfxError } from '../errors.ts';
import type { RunRecord, Subject } from '../results/schema.ts';
import { runChild } from './child.ts';
import { availableMemory } from './machine/memory.ts';
import type { BatchTry } from './try-batch.ts';

type SearchRecord = Extract<RunRecord, { type: 'batch-search' }>;
export type BatchSearch = Omit<SearchRecord, 'type' | keyof Subject>;

/** Where a search ends that memory does not end. */
export const mostSearched = 4096;

/** Share of the largest batch that is advised: what else needs memory changes from day to day. */
const advisedShare = 0.9;

/** Batches above this are looked for in multiples of it. */
const stride = 8;

/**
 * The largest batch that a try survives: doubled until one fails, then bisected to a multiple of eight. The line through
 * the memory of the half and the quarter of it predicts where the wall should be. The tries are made one at a time.
 */
export async function searchBatch(
  tryOne: (batch: number) => Promise<BatchTry>,
  limitBytes: number,
): Promise<BatchSearch> {
  const tries: { batch: number; peakMemoryBytes: number | null; error?: string }[] = [];
  const fits = async (batch: number): Promise<boolean> => {
    const result = await tryOne(batch);
    tries.push({ batch, ...result });
    return result.error === undefined;
  };
  let good = 0;
  let bad = 1;
  while (bad <= mostSearched && (await fits(bad))) [good, bad] = [bad, 2 * bad];
  const atLimit = bad <= mostSearched;
  while (atLimit && bad - good > resolution(good)) {
    const middle = (good + bad) / 2;
    const batch = good < stride ? Math.floor(middle) : stride * Math.floor(middle / stride);
    if (await fits(batch)) good = batch;
    else bad = batch;
  }
  return {
    limitBytes,
    tries,
    largest: good === 0 ? null : good,
    advised: good === 0 ? null : Math.max(1, Math.floor(advisedShare * good)),
    atLimit,
    model: memoryModel(tries, good, limitBytes),
  };
}

function resolution(batch: number): number {
  return batch < stride ? 1 : stride;
}

function memoryModel(tries: BatchSearch['tries'], largest: number, limitBytes: number): BatchSearch['model'] {
  const smaller = tries
    .flatMap(({ batch, peakMemoryBytes }) =>
      peakMemoryBytes === null || batch >= largest ? [] : [{ batch, peakMemoryBytes }],
    )
    .sort((a, b) => b.batch - a.batch);
  const [more, less] = smaller;
  if (!more || !less) return null;
  const bytesPerImage = (more.peakMemoryBytes - less.peakMemoryBytes) / (more.batch - less.batch);
  const fixedBytes = more.peakMemoryBytes - bytesPerImage * more.batch;
  if (bytesPerImage <= 0) return null;
  return {
    fixedBytes,
    bytesPerImage,
    predictedLargest: Math.floor((limitBytes - fixedBytes) / bytesPerImage),
  };
}

/** Searches a subject's largest batch in throwaway processes, within the memory that is there and the limit given. */
export function searchSubject(
  subject: Subject,
  seed: number,
  { memoryLimitBytes = Infinity, signal }: { memoryLimitBytes?: number | undefined; signal?: AbortSignal },
): Promise<BatchSearch> {
  const limit = Math.min(memoryLimitBytes, advisedShare * availableMemory());
  return searchBatch(async (batch) => {
    const end = await runChild(
      { kind: 'batch', subject: { ...subject, batch }, seed, memoryLimitBytes: limit },
      { signal, memoryLimitBytes: limit },
    );
    if (signal?.aborted) throw new EcfxError('failure', 'interrupted while the largest batch was looked for');
    if (end.died) return { peakMemoryBytes: null, error: end.why };
    return (
      (end.answer as BatchTry | undefined) ?? { peakMemoryBytes: null, error: 'the worker gave no answer' }
    );
  }, limit);
}

/** The largest power of two that is not above a number of at least 1. */
export function powerOfTwoUpTo(number: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, number)));
}
