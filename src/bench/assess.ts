/**
 * Everything in a bench result that follows from its samples: estimates, intervals, controls, verdicts, what is odd. A pure
 * function of the document, so that whoever has the document can do it again.
 */
import { median } from 'simple-statistics';
import type { BenchResult, BenchRow, BenchSetting, Diagnostics, Estimate } from '../results/schema.ts';
import { bySetting, settingKey, subjectKey } from '../results/setting.ts';
import { latencyOf } from './latency.ts';
import { lagOneAutocorrelation } from './statistics/autocorrelation.ts';
import { minimumDetectableEffect } from './statistics/detectable-effect.ts';
import { driftOf } from './statistics/drift.ts';
import { holm } from './statistics/holm.ts';
import { logMedian, pairByRound, type RoundPair } from './statistics/log-ratios.ts';
import { medianInterval } from './statistics/median-interval.ts';
import { twoModes } from './statistics/modes.ts';
import { labelOutliers } from './statistics/outliers.ts';
import { pairedSpeedRatio } from './statistics/speed-ratio.ts';
import { controlPasses, defaultSmallestEffect, roundsToSettle, verdictOf } from './statistics/verdict.ts';

/** The result with all that its samples say; what it said before about that is replaced. */
export function assess(result: BenchResult): BenchResult {
  const smallestEffect = result.protocol.smallestEffect ?? defaultSmallestEffect;
  const controls = new Map(
    (result.settings ?? []).map((setting) => [settingKey(setting), setting.control?.samples ?? []]),
  );
  const rows = result.rows.map(assessRow);
  const groups = bySetting(rows);
  const settings = groups.map((group): BenchSetting => {
    const reference = group.find(({ samples }) => samples.length > 0) ?? group[0];
    // Only the first of a setting runs twice; where it failed there is no control.
    const samples = controls.get(settingKey(group[0])) ?? [];
    const pairs = pairByRound(samples, reference === group[0] ? reference.samples : []);
    const setting = settingOf(group[0], reference.variant);
    if (pairs.length === 0) return { ...setting, control: null, minimumDetectableEffect: null };
    const ratio = pairedSpeedRatio(pairs, resampling(result, reference, 'control'));
    return {
      ...setting,
      control: {
        ...ratio,
        passed: controlPasses(ratio, smallestEffect),
        outlierRounds: outlierRounds(pairs),
        samples,
      },
      minimumDetectableEffect: minimumDetectableEffect(ratio, smallestEffect),
    };
  });

  const compared = groups.flatMap((group, index) => {
    const setting = settings[index]!;
    const own = group.find(({ variant }) => variant === setting.reference)!;
    return group.flatMap((row) => {
      const reference = row === own ? otherBatch(row, group, groups) : own;
      const pairs = reference === undefined ? [] : pairRows(row, reference);
      if (reference === undefined || pairs.length === 0) return [];
      const ratio = pairedSpeedRatio(pairs, resampling(result, row, reference.variant));
      return [{ row, reference, pairs, ratio, passed: setting.control?.passed ?? false }];
    });
  });
  const corrected = holm(compared.map(({ ratio }) => ratio.p));
  const speedUps = new Map(
    compared.map(({ row, reference, pairs, ratio, passed }, index) => {
      const verdict = verdictOf(ratio, smallestEffect, passed);
      const speedUp: NonNullable<BenchRow['speedUp']> = {
        ...ratio,
        pHolm: corrected[index] ?? null,
        verdict,
        roundsToSettle: verdict === 'inconclusive' ? roundsToSettle(ratio, smallestEffect) : null,
        outlierRounds: outlierRounds(pairs),
        reference: reference.variant,
        ...(row.batch !== reference.batch && { unequalBatch: true }),
      };
      return [row, speedUp];
    }),
  );
  return {
    ...result,
    rows: rows.map((row) => {
      const speedUp = speedUps.get(row);
      return speedUp === undefined ? row : { ...row, speedUp };
    }),
    settings,
  };
}

/** By round, in time per image. */
export function pairRows(row: BenchRow, reference: BenchRow): RoundPair[] {
  return pairByRound(row.samples, reference.samples, {
    subjectBatch: row.batch,
    referenceBatch: reference.batch,
  });
}

/** The rounds whose ratio lies outside Tukey's fences. */
export function outlierRounds(pairs: readonly RoundPair[]): number[] {
  const labels = labelOutliers(pairs.map(({ logRatio }) => logRatio));
  return pairs.flatMap(({ round }, index) => (labels[index] === null ? [] : [round]));
}

/**
 * A row that is alone in its setting is compared, flagged, with the reference of a setting that differs in the batch only
 * and has another network.
 */
function otherBatch(
  row: BenchRow,
  group: readonly BenchRow[],
  groups: readonly (readonly BenchRow[])[],
): BenchRow | undefined {
  if (group.length > 1) return undefined;
  const [first] =
    groups.find(([other]) => settingKey({ ...other!, batch: row.batch }) === settingKey(row)) ?? [];
  return first === undefined || first === row || first.variant === row.variant ? undefined : first;
}

function assessRow({ speedUp: _, ...row }: BenchRow): BenchRow {
  const { samples, batch, theory } = row;
  if (samples.length === 0) return row;
  const stepSeconds = medianInterval(samples.map((sample) => median(sample.stepSeconds)));
  const throughput = inverse(stepSeconds, batch);
  const latency = latencyOf(samples.flatMap(({ latencySeconds = [] }) => latencySeconds));
  return {
    ...row,
    stepSeconds,
    throughput,
    achievedFlops: scaled(throughput, theory.flops),
    ...(latency && { latency }),
    diagnostics: diagnose(samples),
  };
}

function diagnose(samples: BenchRow['samples']): Diagnostics {
  const processes = samples.map(({ stepSeconds }) => logMedian(stepSeconds));
  const labels = samples.flatMap(({ stepSeconds }) => labelOutliers(stepSeconds));
  const modes = twoModes(processes);
  const timed = samples.flatMap(({ startedAt, stepSeconds }) =>
    startedAt === undefined
      ? []
      : [{ hours: Date.parse(startedAt) / 3.6e6, logSeconds: logMedian(stepSeconds) }],
  );
  return {
    autocorrelation: lagOneAutocorrelation(samples.map(({ stepSeconds }) => stepSeconds)),
    drift: driftOf(timed),
    outlierBlocks: {
      mild: labels.filter((label) => label === 'mild').length,
      severe: labels.filter((label) => label === 'severe').length,
    },
    modes:
      modes &&
      [modes.low, modes.high].map(({ centre, count }) => ({
        stepSeconds: Math.exp(centre),
        processes: count,
      })),
  };
}

function resampling({ seed }: BenchResult, row: BenchRow, against: string) {
  return { seed, stream: `${subjectKey(row)} against ${against}` };
}

function settingOf(
  row: BenchRow,
  reference: string,
): Omit<BenchSetting, 'control' | 'minimumDetectableEffect'> {
  const { mode, engine, device, precision, batch, threads, optimizer, machine } = row;
  return {
    ...{ mode, engine, device, precision, batch, threads, reference },
    ...(optimizer !== undefined && { optimizer }),
    ...(machine !== undefined && { machine }),
  };
}

/** `numerator` / x; the interval's ends change places. */
function inverse({ estimate, low, high }: Estimate, numerator: number): Estimate {
  return {
    estimate: numerator / estimate,
    low: high === null ? null : numerator / high,
    high: low === null ? null : numerator / low,
  };
}

function scaled({ estimate, low, high }: Estimate, factor: number): Estimate {
  return {
    estimate: estimate * factor,
    low: low === null ? null : low * factor,
    high: high === null ? null : high * factor,
  };
}
