/** What stands below a table of verdicts: what they rest on, and what would make them firmer. */
import { defaultSmallestEffect, fewestRounds } from '../../src/bench/statistics/verdict.ts';
import type { BenchResult, BenchRow, BenchSetting, Comparison } from '../../src/results/schema.ts';
import { describeSetting, rowNames } from '../setting.ts';
import { variantLabel } from '../variant-label.ts';
import { formatInterval, formatShare, significant } from './format.ts';

/** Below this, drift and autocorrelation are worth a remark. */
const remarkableP = 0.01;
const remarkableCorrelation = 0.5;

export function verdictNotes(result: BenchResult): string[] {
  const settings = result.settings ?? [];
  const nameOf = rowNames(result.rows);
  const smallest = formatShare(result.protocol.smallestEffect ?? defaultSmallestEffect);
  const isCompared = result.rows.some(({ speedUp }) => speedUp !== undefined);
  return [
    ...(result.machines ?? []).map(
      ({ label, machine }) =>
        `Machine ${label}: ${machine.cpu ?? 'unknown processor'}, ${machine.logicalCores} logical cores, ${machine.operatingSystem}.`,
    ),
    ...(isCompared
      ? [`Verdicts: faster or slower by more than ${smallest} with 95 % confidence, equivalent within it.`]
      : []),
    ...settings.flatMap((setting) => settingNotes(setting, settings.length > 1)),
    ...result.rows.flatMap((row) => rowNotes(row, nameOf(row))),
  ];
}

/** The A/A control in words: `b0 against itself: 1.001 ± 0.008, no difference, as it should be.` */
export function settingNotes(setting: BenchSetting, isOneOfSeveral: boolean): string[] {
  const { control, reference, minimumDetectableEffect: effect } = setting;
  const machine = setting.machine === undefined ? '' : `, machine ${setting.machine}`;
  const where = isOneOfSeveral ? ` (${describeSetting(setting)}${machine})` : '';
  const name = variantLabel(reference);
  if (control === null) return [`No A/A control${where}, so no difference is proven.`];
  const found = `A/A control, ${name} against itself${where}: ${formatInterval(control)}`;
  const passed =
    control.passed === null
      ? ', from one round.'
      : control.passed
        ? ', no difference, as it should be.'
        : ': FAILED. It finds a difference where there is none, so every verdict is unproven.';
  const visible =
    effect === null
      ? ''
      : ` A difference of ${formatShare(effect)} would probably (4 of 5) have got a verdict.`;
  return [`${found}${passed}${control.rounds < fewestRounds ? '' : visible}`];
}

function rowNotes({ speedUp, diagnostics, rounds }: BenchRow, name: string): string[] {
  const notes: string[] = [];
  if (speedUp?.verdict === 'inconclusive' && speedUp.roundsToSettle !== null) {
    notes.push(`about ${speedUp.roundsToSettle} rounds would probably settle it`);
  }
  if (speedUp !== undefined && speedUp.outlierRounds.length > 0) {
    notes.push(outlierNote(speedUp));
  }
  if (diagnostics?.modes) {
    const [fast, slow] = diagnostics.modes;
    if (fast && slow) {
      notes.push(
        `processes fall into two groups, ${fast.processes} at ${significant(fast.stepSeconds * 1e3)} ms and ` +
          `${slow.processes} at ${significant(slow.stepSeconds * 1e3)} ms`,
      );
    }
  }
  if (diagnostics?.drift && diagnostics.drift.p < remarkableP) {
    const { perHour } = diagnostics.drift;
    notes.push(
      `steps became ${perHour > 0 ? 'slower' : 'faster'} during the run (${formatShare(Math.abs(perHour))} an hour)`,
    );
  }
  if ((diagnostics?.autocorrelation ?? 0) > remarkableCorrelation && rounds > 1) {
    notes.push(
      `consecutive blocks resemble each other (${significant(diagnostics?.autocorrelation ?? 0, 2)})`,
    );
  }
  return notes.length === 0 ? [] : [`${name}: ${notes.join('; ')}.`];
}

/** `2 of 12 rounds are outliers (they count)` */
export function outlierNote({ outlierRounds, rounds }: Comparison): string {
  const found = outlierRounds.length;
  return `${found} of ${rounds} rounds ${found === 1 ? 'is an outlier (it counts)' : 'are outliers (they count)'}`;
}
