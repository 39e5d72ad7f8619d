/** What the front-page figure is made of, and what is best in it. */
import { paretoFront } from '../../src/analysis/pareto.ts';
import { studyRecipe } from '../../src/references/accuracies.ts';
import type { BenchRow, Estimate } from '../../src/results/schema.ts';

/** A network of the study, whether or not this run measured it. */
export interface StudyPoint {
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

export interface FrontPagePoint extends StudyPoint {
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
export function shortName({ size }: StudyPoint): string {
  return isSize(size) ? size.toUpperCase() : size;
}

function isSize(size: string): boolean {
  return /^(b\d|l2)$/i.test(size);
}

/** As a reader of the study knows it: `G16-LN_PN-Half B0`. */
export function pointName({ series, size }: StudyPoint): string {
  return isSize(size) ? `${series} ${size.toUpperCase()}` : size;
}

/** Cheapest first, by what they cost in theory. */
export function theoryFront<T extends StudyPoint>(points: readonly T[]): T[] {
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
