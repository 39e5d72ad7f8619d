/** What a comparison says, in words: for each variant of a setting one verdict over the reference. */
import { defaultSmallestEffect, fewestRounds } from '../../src/bench/statistics/verdict.ts';
import type { Estimate, Verdict } from '../../src/results/schema.ts';
import { relativeSpeed } from '../relative-speed.ts';
import type { SettingGroup } from '../setting.ts';
import { formatRatio, formatShare } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';

/** What the result says, or `screening` where there are too few rounds for it to say anything. */
export type VerdictName = Verdict | 'screening';

export interface VerdictLine {
  readonly variant: string;
  readonly verdict: VerdictName;
  /** One sentence. */
  readonly text: string;
}

/** How each verdict is marked, so that colour is not needed to tell them apart. */
export const verdictSigns = {
  faster: '▲',
  slower: '▼',
  equivalent: '=',
  inconclusive: '?',
  unproven: '?',
  screening: '·',
} as const satisfies Record<VerdictName, string>;

/** In the order of the result; none where there is nothing to compare. */
export function verdicts(
  { rows, reference }: SettingGroup,
  smallestEffect = defaultSmallestEffect,
): VerdictLine[] {
  if (reference === null) return [];
  return rows.flatMap((row) => {
    if (row === reference) return [];
    const speed = relativeSpeed(row, reference);
    if (speed === null) return [];
    const said = row.speedUp?.reference === reference.variant ? row.speedUp.verdict : undefined;
    const verdict = verdictName(speed, said ?? judge(speed, smallestEffect));
    const text = verdictSentence({
      name: variantLabel(row.variant),
      than: variantLabel(reference.variant),
      ...{ speed, verdict, smallestEffect },
      promise: reference.theory.macs / row.theory.macs,
    });
    return [{ variant: row.variant, verdict, text }];
  });
}

/** What the statistics say, unless the rounds are too few to say anything. */
export function verdictName({ rounds }: { readonly rounds: number }, said: Verdict): VerdictName {
  return rounds < fewestRounds ? 'screening' : said;
}

/** For results from before they said it themselves. */
function judge({ low, high }: Estimate, smallestEffect: number): Verdict {
  if (low === null || high === null) return 'inconclusive';
  const edge = 1 + smallestEffect;
  if (low > edge) return 'faster';
  if (high < 1 / edge) return 'slower';
  return low > 1 / edge && high < edge ? 'equivalent' : 'inconclusive';
}

interface Compared {
  readonly name: string;
  readonly than: string;
  /** Above 1: `name` is faster. */
  readonly speed: Estimate & { readonly rounds: number };
  readonly verdict: VerdictName;
  readonly smallestEffect: number;
  /** The speed-up that follows from counts alone, where it is worth saying. */
  readonly promise?: number;
}

/** `b0:g16 is slower than b0: 0.80× its speed (95 %: 0.78 to 0.83, 8 rounds); its FLOPs promise 0.61×.` */
export function verdictSentence({ name, than, speed, verdict, smallestEffect, promise }: Compared): string {
  const { estimate, low, high, rounds } = speed;
  const range =
    low === null || high === null
      ? ''
      : ` (95 %: ${formatRatio(low).slice(0, -1)} to ${formatRatio(high).slice(0, -1)}, ${String(rounds)} rounds)`;
  const ratio = formatRatio(estimate);
  const theory = promise === undefined ? '' : `; its FLOPs promise ${formatRatio(promise)}`;
  switch (verdict) {
    case 'faster':
    case 'slower':
      return `${name} is ${verdict} than ${than}: ${ratio} its speed${range}${theory}.`;
    case 'equivalent':
      return `${name} is as fast as ${than} within ${formatShare(smallestEffect)}: ${ratio}${range}${theory}.`;
    case 'inconclusive':
      return `Whether ${name} is faster than ${than} is open: ${ratio}${range}${theory}.`;
    case 'unproven':
      return `${name} seems to run at ${ratio} the speed of ${than}${range}, but no A/A control passed${theory}.`;
    case 'screening':
      return `${name} ran at ${ratio} the speed of ${than}${range}: a first look, too few rounds for a verdict${theory}.`;
  }
}
