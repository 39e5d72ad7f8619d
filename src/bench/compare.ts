import { EcfxError } from '../errors.ts';
import { hardwareKey } from '../results/machine-label.ts';
import type { BenchResult, BenchRow, Comparison, Estimate, Samples, Subject } from '../results/schema.ts';
import { settingFields, settingKey } from '../results/setting.ts';
import { outlierRounds, pairRows } from './assess.ts';
import { minimumDetectableEffect } from './statistics/detectable-effect.ts';
import { holm } from './statistics/holm.ts';
import { pairedSpeedRatio, unpairedSpeedRatio } from './statistics/speed-ratio.ts';
import { defaultSmallestEffect, roundsToSettle, verdictOf } from './statistics/verdict.ts';

/**
 * `paired`: both were measured in the rounds of one run, and are compared round by round. `unpaired`: launches of two runs; what
 * changed on the machine between them is in the ratio.
 */
export type Design = 'paired' | 'unpaired';

export interface ComparedSide extends Subject {
  readonly throughput: Estimate;
  readonly samples: Samples;
}

export interface ComparedPair {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** How many times as fast b is as a; the verdict is on b. */
  readonly comparison: Comparison;
  /** Relative difference that would probably have got a verdict, given how these rounds scatter. */
  readonly minimumDetectableEffect: number | null;
  /** What is unlike and was compared nevertheless, in words. */
  readonly differences: readonly string[];
}

/** Where a side comes from. */
export interface ComparedSource extends Pick<BenchResult, 'startedAt' | 'command' | 'versions' | 'machine'> {
  readonly path: string;
}

export interface CompareResult {
  readonly schema: 'ecfx.compare/1';
  readonly design: Design;
  readonly a: ComparedSource;
  readonly b: ComparedSource;
  readonly smallestEffect: number;
  readonly seed: number;
  readonly rows: readonly ComparedPair[];
  readonly warnings: readonly string[];
}

export interface Side {
  readonly path: string;
  readonly result: BenchResult;
}

export interface CompareOptions {
  /** Of a and of b; without, every variant that both have is compared with itself. */
  readonly variants?: readonly [string, string];
  /** Compare what is unlike, and say so. */
  readonly force?: boolean;
  /** Relative; by default what the run of a says. */
  readonly smallestEffect?: number;
}

/**
 * Compares two results, or two variants of one (given as both sides). Throws `EcfxError`: `usage` when there is nothing to
 * compare, or what is to be compared is unlike and `force` was not given.
 */
export function compareResults(a: Side, b: Side, options: CompareOptions = {}): CompareResult {
  const { smallestEffect = a.result.protocol.smallestEffect ?? defaultSmallestEffect } = options;
  const { seed } = a.result;
  const design: Design = runIdentity(a.result) === runIdentity(b.result) ? 'paired' : 'unpaired';
  const matched = match(a, b, options);
  if (options.force !== true) refuseUnlike(matched);
  const compared = matched.map(([one, other, differences]) => {
    const resampling = { seed, stream: `${other.variant} ${settingKey(other)} against ${one.variant}` };
    const pairs = design === 'paired' ? pairRows(other, one) : [];
    const ratio =
      design === 'paired'
        ? pairedSpeedRatio(pairs, resampling)
        : unpairedSpeedRatio(secondsPerImage(other), secondsPerImage(one), resampling);
    const passed = controlPassed(a.result, one) && controlPassed(b.result, other);
    return { one, other, differences, ratio, outliers: outlierRounds(pairs), passed };
  });
  const corrected = holm(compared.map(({ ratio }) => ratio.p));
  const rows = compared.map(({ one, other, differences, ratio, outliers, passed }, index): ComparedPair => {
    const verdict = verdictOf(ratio, smallestEffect, passed);
    return {
      a: sideOf(one),
      b: sideOf(other),
      comparison: {
        ...ratio,
        pHolm: corrected[index] ?? null,
        verdict,
        roundsToSettle: verdict === 'inconclusive' ? roundsToSettle(ratio, smallestEffect) : null,
        outlierRounds: outliers,
      },
      minimumDetectableEffect: minimumDetectableEffect(ratio, smallestEffect),
      differences,
    };
  });
  return {
    schema: 'ecfx.compare/1',
    design,
    a: sourceOf(a),
    b: sourceOf(b),
    smallestEffect,
    seed,
    rows,
    warnings: [
      ...new Set([...a.result.warnings, ...b.result.warnings]),
      ...changedVersions(a.result, b.result),
    ],
  };
}

type Match = readonly [a: BenchRow, b: BenchRow, differences: string[]];

/** Rows of the same setting first; where there is none, rows that differ as little as possible. */
function match(a: Side, b: Side, { variants }: CompareOptions): Match[] {
  const timed = ({ result }: Side, variant: string | undefined) =>
    result.rows.filter((row) => row.samples.length > 0 && (variant === undefined || row.variant === variant));
  const [ownRows, otherRows] = [timed(a, variants?.[0]), timed(b, variants?.[1])];
  const found = otherRows.flatMap((row): Match[] => {
    const candidates = ownRows.filter((own) => variants !== undefined || own.variant === row.variant);
    const [best] = candidates
      .map((own): Match => [own, row, differencesOf(a.result, own, b.result, row)])
      .sort(([, , one], [, , other]) => one.length - other.length);
    return best ? [best] : [];
  });
  if (found.length > 0) {
    const alike = found.filter(([, , differences]) => differences.length === 0);
    return alike.length > 0 ? alike : found;
  }
  const names = (rows: readonly BenchRow[]) =>
    [...new Set(rows.map(({ variant }) => variant))].join(', ') || 'nothing';
  throw new EcfxError(
    'usage',
    `there is nothing to compare: ${a.path} has ${names(timed(a, undefined))}; ${b.path} has ${names(timed(b, undefined))}`,
    { suggestions: ['Name a variant of each: --variants b0 b0:g16,e4.'] },
  );
}

/** What must not differ between two rows, and does. */
function differencesOf(a: BenchResult, own: BenchRow, b: BenchResult, row: BenchRow): string[] {
  const fields = settingFields
    .filter((field) => own[field] !== row[field])
    .map((field) =>
      field === 'batch'
        ? `UNEQUAL BATCH (${own.batch} and ${row.batch})`
        : `${field} (${own[field] ?? 'none'} and ${row[field] ?? 'none'})`,
    );
  const isSameMachine = hardwareKey(machineOf(a, own)) === hardwareKey(machineOf(b, row));
  const [one, other] = [own.hardware?.name ?? null, row.hardware?.name ?? null];
  return [
    ...fields,
    ...(isSameMachine ? [] : ['machine']),
    ...(one === other ? [] : [`hardware (${one ?? 'unknown'} and ${other ?? 'unknown'})`]),
  ];
}

function machineOf(result: BenchResult, row: BenchRow): BenchResult['machine'] {
  return result.machines?.find(({ label }) => label === row.machine)?.machine ?? result.machine;
}

function refuseUnlike(matched: readonly Match[]): void {
  const unlike = [...new Set(matched.flatMap(([, , differences]) => differences))];
  if (unlike.length === 0) return;
  throw new EcfxError('usage', `the two are unlike, so their ratio would mean little: ${unlike.join(', ')}`, {
    suggestions: [
      'Compare runs of one machine and setting, or use --force to compare them nevertheless, flagged.',
    ],
  });
}

/** Equal for documents of one run, whose rounds are the same rounds. */
function runIdentity({ startedAt, command, seed, machine }: BenchResult): string {
  return JSON.stringify([startedAt, command, seed, hardwareKey(machine)]);
}

function controlPassed({ settings = [] }: BenchResult, row: BenchRow): boolean {
  return settings.find((setting) => settingKey(setting) === settingKey(row))?.control?.passed ?? false;
}

function secondsPerImage({ samples, batch }: BenchRow): number[][] {
  return samples.map(({ stepSeconds }) => stepSeconds.map((seconds) => seconds / batch));
}

function sideOf({
  variant,
  mode,
  engine,
  device,
  precision,
  batch,
  threads,
  optimizer,
  ...row
}: BenchRow): ComparedSide {
  return {
    ...{ variant, mode, engine, device, precision, batch, threads },
    ...(optimizer !== undefined && { optimizer }),
    throughput: row.throughput!,
    samples: row.samples,
  };
}

function sourceOf({ path, result: { startedAt, command, versions, machine } }: Side): ComparedSource {
  return { path, startedAt, command, versions, machine };
}

/** Versions may differ, that is often why one compares; but it should be seen. */
function changedVersions(a: BenchResult, b: BenchResult): string[] {
  const names = [...new Set([...Object.keys(a.versions), ...Object.keys(b.versions)])].sort();
  const changed = names
    .filter((name) => a.versions[name] !== b.versions[name])
    .map((name) => `${name} ${a.versions[name] ?? 'none'} → ${b.versions[name] ?? 'none'}`);
  return changed.length === 0 ? [] : [`Versions differ: ${changed.join(', ')}.`];
}
