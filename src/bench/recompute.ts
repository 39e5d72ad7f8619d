import type { BenchResult, Estimate } from '../results/schema.ts';
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
}

export interface RecomputeResult {
  readonly schema: 'ecfx.recompute/1';
  readonly source: string;
  readonly agrees: boolean;
  readonly checks: readonly RecomputeCheck[];
}

/** Relative. A page holds nine digits of each sample; sums in another order differ in the last ones. */
const tolerance = 1e-7;

/** What rests on the scatter alone (p-values, effects) feels a sample's last digit more. */
const scatterTolerance = 1e-3;

/**
 * Computes every interval of a result again from the raw samples in it. Verdicts, p-values and whether the control passed must agree too;
 * they count as disagreement of the interval that they go with.
 */
export function recompute(result: BenchResult, source: string): RecomputeResult {
  const again = assess(result);
  const checks: RecomputeCheck[] = [];
  const check = (
    of: { variant: string; mode: string },
    quantity: string,
    printed: Estimate | null | undefined,
    recomputed: Estimate | null | undefined,
    rest = true,
  ): void => {
    if (!printed) return;
    checks.push({
      variant: of.variant,
      mode: of.mode,
      quantity,
      printed: endsOf(printed),
      recomputed: recomputed ? endsOf(recomputed) : null,
      agrees: rest && recomputed !== null && recomputed !== undefined && isEqual(printed, recomputed),
    });
  };
  for (const [index, row] of result.rows.entries()) {
    const other = again.rows[index]!;
    check(row, 'images per second', row.throughput, other.throughput);
    check(row, 'seconds per step', row.stepSeconds, other.stepSeconds);
    check(row, 'FLOP per second', row.achievedFlops, other.achievedFlops);
    const [printed, found] = [row.speedUp, other.speedUp];
    const isSame =
      printed?.verdict === found?.verdict &&
      printed?.method === found?.method &&
      isClose(printed?.p, found?.p, scatterTolerance) &&
      isClose(printed?.pHolm, found?.pHolm, scatterTolerance);
    check(row, 'speed-up', printed, found, isSame);
  }
  for (const [index, setting] of (result.settings ?? []).entries()) {
    const other = again.settings?.[index];
    const { control, minimumDetectableEffect, reference, mode } = setting;
    const isSame =
      control?.passed === other?.control?.passed &&
      isClose(minimumDetectableEffect, other?.minimumDetectableEffect, scatterTolerance);
    check({ variant: reference, mode }, 'A/A control', control, other?.control, isSame);
  }
  return { schema: 'ecfx.recompute/1', source, agrees: checks.every(({ agrees }) => agrees), checks };
}

function endsOf({ estimate, low, high }: Estimate): Estimate {
  return { estimate, low, high };
}

function isEqual(a: Estimate, b: Estimate): boolean {
  return isClose(a.estimate, b.estimate) && isClose(a.low, b.low) && isClose(a.high, b.high);
}

function isClose(a: number | null | undefined, b: number | null | undefined, within = tolerance): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= within * Math.max(Math.abs(a), Math.abs(b));
}
