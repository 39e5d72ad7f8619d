/** What a reviewer needs before believing a verdict, and does not find: the page's red banner. */
import { reservations } from '../../src/bench/reservations.ts';
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
    ...reservations(measured).map((sentence) => displayText(sentence, 400)),
    ...unequalBatches(measured),
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
