import type { BenchResult, BenchRow, Estimate } from '../results/schema.ts';
import { assess } from './assess.ts';

/** One printed number or interval and what its samples say. */
export interface RecomputeCheck {
  readonly variant: string;
  readonly mode: string;
  readonly quantity: string;
  readonly printed: Estimate;
  /** Null when the samples give none. */
  readonly recomputed: Estimate | null;
  readonly agrees: boolean;
  /** What is said with it and does not agree: `verdict`, `diagnostics.drift.p`. */
  readonly differs: readonly string[];
}

export interface RecomputeResult {
  readonly schema: 'ecfx.recompute/1';
  readonly source: string;
  readonly agrees: boolean;
  readonly checks: readonly RecomputeCheck[];
}

/** Relative. A page holds nine digits of each sample; sums in another order differ in the last ones. */
const tolerance = 1e-7;

/** What rests on the scatter alone feels a sample's last digit more. */
const scatterTolerance = 1e-3;
const scatter: ReadonlySet<string> = new Set([
  'p',
  'pHolm',
  'minimumDetectableEffect',
  'autocorrelation',
  'perHour',
]);

/**
 * Computes again from the raw samples whatever in a result follows from them, which is what `assess` makes: intervals of
 * speed, percentiles of single steps, comparisons with verdict and p-values, the A/A control, what is odd. What is no interval counts as
 * disagreement of the one that it goes with. Not in a result, so not computed again: memory, loss and the parts of a
 * step, of which it has one number each, and what is counted in the graph.
 */
export function recompute(result: BenchResult, source: string): RecomputeResult {
  const again = assess(result);
  const checks: RecomputeCheck[] = [];
  const check = (
    of: { variant: string; mode: string },
    quantity: string,
    printed: Estimate | undefined,
    recomputed: Estimate | undefined,
    besides: readonly [printed: object, recomputed: object] = [{}, {}],
  ): void => {
    if (!printed) return;
    const differs = recomputed
      ? [...differences(printed, recomputed), ...differences(...besides)]
      : ['estimate'];
    checks.push({
      variant: of.variant,
      mode: of.mode,
      quantity,
      printed: endsOf(printed),
      recomputed: recomputed ? endsOf(recomputed) : null,
      agrees: differs.length === 0,
      differs,
    });
  };
  for (const [index, row] of result.rows.entries()) {
    const other = again.rows[index]!;
    check(row, 'images per second', row.throughput, other.throughput);
    check(row, 'seconds per step', row.stepSeconds, other.stepSeconds, [
      { rounds: row.rounds, diagnostics: row.diagnostics },
      { rounds: row.samples.length, diagnostics: row.diagnostics && other.diagnostics },
    ]);
    check(row, 'FLOP per second', row.achievedFlops, other.achievedFlops);
    for (const [percentile, quantity] of percentiles) {
      const of = ({ latency }: BenchRow) => numberOf(latency?.[percentile]);
      const stepsOf = ({ latency }: BenchRow) => ({ steps: latency?.steps });
      check(row, quantity, of(row), of(other), [stepsOf(row), stepsOf(other)]);
    }
    check(row, 'speed-up', row.speedUp, other.speedUp);
  }
  for (const [index, setting] of (result.settings ?? []).entries()) {
    const { control, minimumDetectableEffect, reference, mode } = setting;
    const other = again.settings?.[index];
    check({ variant: reference, mode }, 'A/A control', control ?? undefined, other?.control ?? undefined, [
      { reference, minimumDetectableEffect },
      { reference: other?.reference, minimumDetectableEffect: other?.minimumDetectableEffect },
    ]);
  }
  return { schema: 'ecfx.recompute/1', source, agrees: checks.every(({ agrees }) => agrees), checks };
}

const percentiles = [
  ['median', 'median of single steps'],
  ['p95', '95th percentile of single steps'],
  ['p99', '99th percentile of single steps'],
] as const;

function numberOf(value: number | undefined): Estimate | undefined {
  return value === undefined ? undefined : { estimate: value, low: null, high: null };
}

function endsOf({ estimate, low, high }: Estimate): Estimate {
  return { estimate, low, high };
}

/** The names of what differs in two documents, down to numbers and words; what only the second one has is no difference. */
function differences(printed: unknown, recomputed: unknown, name = ''): string[] {
  if (typeof printed === 'number' && typeof recomputed === 'number') {
    const within = scatter.has(name.split('.').at(-1) ?? '') ? scatterTolerance : tolerance;
    const isClose =
      Math.abs(printed - recomputed) <= within * Math.max(Math.abs(printed), Math.abs(recomputed));
    return isClose ? [] : [name];
  }
  if (!isObject(printed) || !isObject(recomputed)) return printed === recomputed ? [] : [name];
  if (Array.isArray(printed) && printed.length !== Object.keys(recomputed).length) return [name];
  return Object.entries(printed).flatMap(([key, value]) =>
    differences(value, recomputed[key], name === '' ? key : `${name}.${key}`),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
