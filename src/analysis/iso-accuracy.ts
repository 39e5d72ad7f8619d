/**
 * How much faster one family of networks is than another **at the same accuracy**. Families have few sizes, whose
 * accuracies never agree, so speed is interpolated along a family's Pareto front: linear in accuracy, logarithmic in
 * images per second. Nothing is extrapolated.
 */
import { paretoFront } from './pareto.ts';

/** A network with what it achieves; accuracy in per cent, throughput in images per second. */
export interface AccuracyPoint {
  readonly top1: number;
  readonly throughput: number;
}

export interface IsoAccuracySpeedUp {
  /** Of the reference's point, at which both are compared; per cent. */
  readonly top1: number;
  /** Images per second of the reference there, and of the other at the same accuracy. */
  readonly reference: number;
  readonly throughput: number;
  /** `throughput` / `reference`. */
  readonly speedUp: number;
}

/** Images per second at an accuracy, on the front of `points`; null outside of its range. */
export function throughputAt(points: readonly AccuracyPoint[], top1: number): number | null {
  const front = accuracyFront(points);
  const above = front.findIndex((point) => point.top1 >= top1);
  const upper = front[above];
  if (upper === undefined) return null;
  if (upper.top1 === top1) return upper.throughput;
  const lower = front[above - 1];
  if (lower === undefined) return null;
  const share = (top1 - lower.top1) / (upper.top1 - lower.top1);
  return lower.throughput ** (1 - share) * upper.throughput ** share;
}

/** At each point of the reference's front that the other's front spans, least accurate first. */
export function isoAccuracySpeedUps(
  points: readonly AccuracyPoint[],
  reference: readonly AccuracyPoint[],
): IsoAccuracySpeedUp[] {
  return accuracyFront(reference).flatMap((point) => {
    const throughput = throughputAt(points, point.top1);
    return throughput === null
      ? []
      : [
          {
            top1: point.top1,
            reference: point.throughput,
            throughput,
            speedUp: throughput / point.throughput,
          },
        ];
  });
}

/** The largest of them: "up to 3×". Null when the two share no accuracy. */
export function largestSpeedUp(
  points: readonly AccuracyPoint[],
  reference: readonly AccuracyPoint[],
): IsoAccuracySpeedUp | null {
  return isoAccuracySpeedUps(points, reference).reduce<IsoAccuracySpeedUp | null>(
    (best, each) => (best === null || each.speedUp > best.speedUp ? each : best),
    null,
  );
}

function accuracyFront(points: readonly AccuracyPoint[]): AccuracyPoint[] {
  return paretoFront(points, [
    { value: ({ throughput }) => throughput, better: 'higher' },
    { value: ({ top1 }) => top1, better: 'higher' },
  ]).toSorted((a, b) => a.top1 - b.top1 || b.throughput - a.throughput);
}
