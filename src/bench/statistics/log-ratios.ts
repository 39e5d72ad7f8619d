import { median } from 'simple-statistics';

/** What was timed of one subject in one round: seconds per step of each block, in order. */
export interface RoundSamples {
  readonly round: number;
  readonly stepSeconds: readonly number[];
}

/** One round's comparison of a subject with its reference. */
export interface RoundPair {
  readonly round: number;
  /** ln(reference's seconds / subject's seconds), of the median blocks: above 0 where the subject is faster. */
  readonly logRatio: number;
  readonly subject: readonly number[];
  readonly reference: readonly number[];
}

/**
 * Pairs by round, and only rounds that both have: what disturbed a whole round (another process, a hot processor)
 * disturbs both sides and cancels. The scales turn seconds per step into seconds per image when batches differ.
 */
export function pairByRound(
  subject: readonly RoundSamples[],
  reference: readonly RoundSamples[],
  { subjectBatch, referenceBatch } = { subjectBatch: 1, referenceBatch: 1 },
): RoundPair[] {
  const byRound = new Map(reference.map(({ round, stepSeconds }) => [round, stepSeconds]));
  return subject.flatMap(({ round, stepSeconds }) => {
    const other = byRound.get(round);
    if (other === undefined || other.length === 0 || stepSeconds.length === 0) return [];
    const logRatio = logMedian(other) - logMedian(stepSeconds) + Math.log(subjectBatch / referenceBatch);
    return [{ round, logRatio, subject: stepSeconds, reference: other }];
  });
}

/** ln of the median block: what a process contributes. */
export function logMedian(stepSeconds: readonly number[]): number {
  return Math.log(median([...stepSeconds]));
}
