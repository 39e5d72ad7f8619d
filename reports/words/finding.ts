/** The page's first screen: which variant is fastest here, by how much, and how sure that is. */
import { reservations } from '../../src/bench/reservations.ts';
import type { BenchResult, BenchRow, Estimate } from '../../src/results/schema.ts';
import { relativeSpeed } from '../relative-speed.ts';
import { describeSetting, groupBySetting, principalGroups, rowNames, type SettingGroup } from '../setting.ts';
import { formatInterval, formatPercent, formatRatio, formatRatioInterval } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';

export interface KeyNumber {
  readonly value: string;
  readonly label: string;
}

export interface Finding {
  readonly headline: string;
  /** What it holds for, in words; null where nothing was measured. */
  readonly setting: string | null;
  /** One or two plain sentences. */
  readonly sentences: readonly string[];
  readonly numbers: readonly KeyNumber[];
}

/** One a setting; comparing across settings would not be fair. */
export function findings(result: BenchResult): Finding[] {
  const groups = principalGroups(result.rows);
  if (groups.length === 0) return [nothing];
  return groups.map((group) => ({ ...finding(group), setting: describeSetting(group.setting) }));
}

/** What a careful reader must know before believing anything on the page, beside what its banner says. */
export function cautions(result: BenchResult): string[] {
  const failed = result.rows.filter(({ error }) => error !== undefined);
  const inBanner = new Set(reservations(result.rows));
  const found = result.warnings.filter((warning) => !inBanner.has(warning));
  if (failed.length > 0) {
    // What failed in one setting may well have run in another.
    const isOneSetting = groupBySetting(result.rows).length === 1;
    const nameOf = isOneSetting ? (row: BenchRow) => variantLabel(row.variant) : rowNames(result.rows);
    found.push(`Failed, and so not in the figures: ${failed.map(nameOf).join('; ')}.`);
  }
  const untrained = result.rows.filter(({ loss }) => loss?.fell === false);
  if (untrained.length > 0) {
    found.push(
      `The loss did not fall, so what was timed is no training: ${untrained.map(({ variant }) => variantLabel(variant)).join(', ')}.`,
    );
  }
  return found;
}

const nothing: Finding = {
  headline: 'Nothing was measured',
  setting: null,
  sentences: ['The table says why each variant failed.'],
  numbers: [],
};

type MeasuredRow = BenchRow & { readonly throughput: Estimate };

function finding({ rows, reference, setting }: SettingGroup): Omit<Finding, 'setting'> {
  const fastestFirst = rows
    .filter((row): row is MeasuredRow => row.throughput !== undefined)
    .sort((a, b) => b.throughput.estimate - a.throughput.estimate);
  const [fastest, runnerUp] = fastestFirst;
  if (fastest === undefined || reference === null) {
    return nothing;
  }
  const name = variantLabel(fastest.variant);
  const speed = `${formatInterval(fastest.throughput)} images per second`;
  const numbers: KeyNumber[] = [
    {
      value: formatInterval(fastest.throughput),
      label: `images per second, ${setting.mode}, batch ${String(setting.batch)}`,
    },
  ];
  if (fastest.accuracy !== null) {
    numbers.push({
      value: formatPercent(fastest.accuracy.top1),
      label: `ImageNet top-1 accuracy (${fastest.accuracy.origin})`,
    });
  }
  if (runnerUp === undefined) {
    return {
      headline: `${name} runs at ${speed} here`,
      sentences: ['It is the only variant measured.'],
      numbers,
    };
  }

  const sentences: string[] = [];
  if (fastest === reference) {
    const lead = relativeSpeed(fastest, runnerUp);
    if (lead !== null) {
      numbers.unshift({
        value: formatRatio(lead.estimate),
        label: `the speed of the runner-up, ${variantLabel(runnerUp.variant)}${ends(lead)}`,
      });
    }
  } else {
    const overReference = relativeSpeed(fastest, reference);
    const promised = reference.theory.macs / fastest.theory.macs;
    if (overReference !== null) {
      numbers.unshift({
        value: formatRatio(overReference.estimate),
        label: `the speed of ${variantLabel(reference.variant)}${ends(overReference)}`,
      });
      numbers.splice(1, 0, { value: formatRatio(promised), label: 'is what its FLOPs promise' });
    }
  }
  sentences.push(`${name} processes ${speed}. ${howSure(fastest, runnerUp)}`);
  sentences.push(...accuracyTrade(fastest, fastestFirst));
  return { headline: headline(fastest, runnerUp, reference), sentences, numbers };
}

function headline(fastest: MeasuredRow, runnerUp: MeasuredRow, reference: BenchRow): string {
  const name = variantLabel(fastest.variant);
  const lead = relativeSpeed(fastest, runnerUp);
  if (lead !== null && lead.low !== null && lead.low <= 1) {
    return `${name} and ${variantLabel(runnerUp.variant)} are the fastest here, too close to call`;
  }
  const over = relativeSpeed(fastest, fastest === reference ? runnerUp : reference);
  const than = variantLabel((fastest === reference ? runnerUp : reference).variant);
  return over === null
    ? `${name} is the fastest here`
    : `${name} is the fastest here: ${formatRatio(over.estimate)} the speed of ${than}`;
}

function howSure(fastest: MeasuredRow, runnerUp: MeasuredRow): string {
  const lead = relativeSpeed(fastest, runnerUp);
  const second = variantLabel(runnerUp.variant);
  if (lead === null)
    return `The runner-up is ${second}; the two share no round, so how sure this is cannot be said.`;
  const ratio = formatRatioInterval(lead);
  if (lead.low === null) {
    return `It leads the runner-up, ${second}, by ${ratio}, from one round: how sure that is cannot be said.`;
  }
  const rounds = `${String(lead.rounds)} rounds`;
  return lead.low > 1
    ? `Its lead over the runner-up, ${second}, is ${ratio}: beyond the noise of ${rounds}.`
    : `Its lead over ${second}, ${ratio}, is within the noise of ${rounds}.`;
}

/** What speed costs in accuracy, where both are known. */
function accuracyTrade(fastest: MeasuredRow, rows: readonly MeasuredRow[]): string[] {
  const known = rows.filter((row) => row.accuracy !== null);
  const [most] = known.toSorted((a, b) => (b.accuracy?.top1 ?? 0) - (a.accuracy?.top1 ?? 0));
  if (most?.accuracy === undefined || most.accuracy === null) return [];
  const name = variantLabel(most.variant);
  const top1 = formatPercent(most.accuracy.top1);
  if (most === fastest)
    return [`It is also the most accurate of those whose accuracy is known, at ${top1} top-1.`];
  const speed = relativeSpeed(most, fastest);
  if (speed === null) return [];
  return [`The most accurate, ${name} at ${top1} top-1, runs at ${formatRatio(speed.estimate)} its speed.`];
}

function ends({ low, high }: Estimate): string {
  if (low === null || high === null) return '';
  return ` (95 %: ${formatRatio(low).slice(0, -1)}–${formatRatio(high).slice(0, -1)})`;
}
