/** What the front-page figure is made of, and what is best in it. */
import {
  largestSpeedUp,
  type AccuracyPoint,
  type IsoAccuracySpeedUp,
} from '../../src/analysis/iso-accuracy.ts';
import { paretoFront } from '../../src/analysis/pareto.ts';
import { studyRecipe } from '../../src/references/accuracies.ts';
import { recomputeClaims, type RecomputedClaim } from '../../src/analysis/study-claims.ts';
import type { BenchRow, Estimate } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';

/** A network with a known accuracy. */
export interface NetworkPoint {
  /** The authors' name of the curve: `G16-LN_PN-Half`. */
  readonly series: string;
  /** The place on the curve, in any case: `b0` … `b5`. */
  readonly size: string;
  /** ecfx's name. */
  readonly variant: string;
  /** Counted, per image: 2 × MACs. */
  readonly flops: number;
  /** Per cent. */
  readonly top1: number;
  /** Of `top1`, in percentage points. */
  readonly error: number;
}

/** A network of the study, whether or not this run measured it. */
export interface StudyPoint extends NetworkPoint {
  /** In training on the study's accelerator, a Graphcore IPU-POD16. */
  readonly plottedImagesPerSecond: number;
}

export interface FrontPagePoint extends NetworkPoint {
  readonly origin: 'digitised' | 'published' | 'imported';
  /** How it was trained, where that is known. */
  readonly recipe?: string;
  /** Images per second, measured here. */
  readonly throughput: Estimate;
}

export interface FrontPageData {
  readonly measured: readonly FrontPagePoint[];
  readonly study: readonly StudyPoint[];
  readonly mode: BenchRow['mode'];
}

/** The training recipes that the drawn accuracies come from. */
export function recipesOf({ measured, study }: FrontPageData): string[] {
  const drawn = study.length > 0 ? [studyRecipe] : [];
  return [...new Set([...drawn, ...measured.map(({ recipe = studyRecipe }) => recipe)])];
}

/** `B0` on its curve; other networks go by their whole name. */
export function shortName({ size }: NetworkPoint): string {
  return isSize(size) ? size.toUpperCase() : size;
}

function isSize(size: string): boolean {
  return /^(b\d|l2)$/i.test(size);
}

/** As a reader of the study knows it: `G16-LN_PN-Half B0`. */
export function pointName({ series, size }: NetworkPoint): string {
  return isSize(size) ? `${series} ${size.toUpperCase()}` : size;
}

/** Cheapest first, by what they cost in theory. */
export function theoryFront<T extends NetworkPoint>(points: readonly T[]): T[] {
  return paretoFront(points, [
    { value: ({ flops }) => flops, better: 'lower' },
    { value: ({ top1 }) => top1, better: 'higher' },
  ]).sort((a, b) => a.flops - b.flops || a.top1 - b.top1);
}

/** Fastest first. Fronts are of the estimates; intervals are drawn, not weighed. */
export function practiceFront(points: readonly FrontPagePoint[]): FrontPagePoint[] {
  return paretoFront(points, [
    { value: ({ throughput }) => throughput.estimate, better: 'higher' },
    { value: ({ top1 }) => top1, better: 'higher' },
  ]).sort((a, b) => b.throughput.estimate - a.throughput.estimate || a.top1 - b.top1);
}

/** Of a measured series over the baseline's series, where their fronts span the same accuracy. */
export interface IsoAccuracy extends IsoAccuracySpeedUp {
  readonly series: string;
  readonly referenceSeries: string;
}

/** What the study calls its baseline; where it was not measured, the first series that was. */
const baseline = 'G1-GN-Native';

/** The largest speed-up at equal accuracy of each measured series over the baseline's. */
export function isoAccuracies(points: readonly FrontPagePoint[]): IsoAccuracy[] {
  // Accuracies of several recipes differ for reasons other than the network.
  if (new Set(points.map(({ recipe = studyRecipe }) => recipe)).size > 1) return [];
  const curves = groupBy(points, ({ series }) => series);
  const referenceSeries = curves.has(baseline) ? baseline : points[0]?.series;
  const reference = curves.get(referenceSeries ?? '') ?? [];
  return [...curves].flatMap(([series, curve]) => {
    if (referenceSeries === undefined || series === referenceSeries) return [];
    const found = largestSpeedUp(curve.map(accuracyPoint), reference.map(accuracyPoint));
    return found === null ? [] : [{ ...found, series, referenceSeries }];
  });
}

/** The study's claims on training with this machine's speeds; those that cannot be recomputed are left out. */
export function claimsHere({
  measured,
  mode,
}: FrontPageData): (RecomputedClaim & { found: IsoAccuracySpeedUp })[] {
  if (mode !== 'training') return [];
  const throughputs = new Map(measured.map(({ variant, throughput }) => [variant, throughput.estimate]));
  return recomputeClaims(({ variant }) => throughputs.get(variant) ?? null).flatMap(({ found, ...claim }) =>
    found === null ? [] : [{ ...claim, found }],
  );
}

/**
 * By what the accelerator's images per second are divided to lie on this machine's: the geometric mean over the
 * networks in common. Null when there are none, or when the mode is not training, which is all that the study timed.
 */
export function acceleratorScale({ measured, study, mode }: FrontPageData): number | null {
  if (mode !== 'training') return null;
  const logs = measured.flatMap(({ series, variant, throughput }) => {
    const point = study.find((each) => each.series === series && each.variant === variant);
    return point === undefined ? [] : [Math.log(point.plottedImagesPerSecond / throughput.estimate)];
  });
  return logs.length === 0 ? null : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

function accuracyPoint({ top1, throughput }: FrontPagePoint): AccuracyPoint {
  return { top1, throughput: throughput.estimate };
}
