/** What a reviewer needs before believing a verdict, and does not find: the page's red banner. */
import { fewestRounds } from '../../src/bench/statistics/verdict.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { settingKey } from '../../src/results/setting.ts';
import { groupBy } from '../group-by.ts';
import { displayText } from '../tables/display-text.ts';
import { settingNotes } from '../tables/verdict-notes.ts';

/** One sentence each, the gravest first. */
export function missingEvidence(result: BenchResult): string[] {
  const measured = result.rows.filter(({ throughput }) => throughput !== undefined);
  if (measured.length === 0) return [];
  return [
    ...failedControls(result),
    ...tooFewRounds(measured),
    ...unequalBatches(measured),
    ...softwareDevices(measured),
  ];
}

/** The reference against itself: missing, or not equal. */
function failedControls({ rows, settings = [] }: BenchResult): string[] {
  const compared = settings.filter((setting) =>
    rows.some(({ speedUp, ...row }) => speedUp !== undefined && settingKey(row) === settingKey(setting)),
  );
  return compared
    .filter(({ control }) => control?.passed !== true)
    .flatMap((setting) => settingNotes(setting, settings.length > 1));
}

function softwareDevices(rows: BenchResult['rows']): string[] {
  const devices = new Set(
    rows.flatMap(({ engine, device, hardware }) =>
      hardware?.isSoftware === true
        ? [`${displayText(engine)} on ${displayText(device)} (${displayText(hardware.name ?? 'unnamed')})`]
        : [],
    ),
  );
  return [...devices].map(
    (device) =>
      `${device} is a program on the processor that stands in for a graphics card: its times say nothing about cards.`,
  );
}

function tooFewRounds(rows: BenchResult['rows']): string[] {
  const fewest = Math.min(...rows.map(({ rounds }) => rounds));
  if (fewest >= fewestRounds) return [];
  return [
    `Fewer than ${String(fewestRounds)} rounds (${String(fewest)}): no exact paired test can reach 5 %, so there are no verdicts here, only a first look.`,
  ];
}

/** Variants of one mode, engine and device that have no batch in common cannot be compared at equal work. */
function unequalBatches(rows: BenchResult['rows']): string[] {
  const places = groupBy(rows, ({ mode, engine, device }) => JSON.stringify([mode, engine, device]));
  return [...places.values()].flatMap((own) => {
    const batches = [...groupBy(own, ({ variant }) => variant).values()].map(
      (each) => new Set(each.map(({ batch }) => batch)),
    );
    const [first, ...others] = batches;
    if (first === undefined || [...first].some((batch) => others.every((other) => other.has(batch))))
      return [];
    const { mode, engine, device } = own[0]!;
    return [
      `Unequal batches: ${mode} on ${displayText(engine)} (${displayText(device)}) has no batch at which all its variants ran, so they are not compared at equal work.`,
    ];
  });
}
