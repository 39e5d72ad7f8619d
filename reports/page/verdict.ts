/** What a comparison says, in words: for each variant of a setting one verdict over the reference. */
import { fewestRounds } from '../../src/bench/statistics/verdict.ts';
import type { BenchRow, Estimate, Verdict } from '../../src/results/schema.ts';
import { relativeSpeed } from '../relative-speed.ts';
import type { SettingGroup } from '../setting.ts';
import { formatRatio } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';

/** What the result says, or `screening` where there are too few rounds for it to say anything. */
type VerdictName = Verdict | 'screening';

export interface VerdictLine {
  readonly variant: string;
  readonly verdict: VerdictName;
  /** One sentence. */
  readonly text: string;
}

/** In the order of the result; none where there is nothing to compare. */
export function verdicts({ rows, reference }: SettingGroup, smallestEffect = 0.01): VerdictLine[] {
  if (reference === null) return [];
  return rows.flatMap((row) => {
    if (row === reference) return [];
    const speed = relativeSpeed(row, reference);
    if (speed === null) return [];
    const said = row.speedUp?.reference === reference.variant ? row.speedUp.verdict : undefined;
    const verdict = speed.rounds < fewestRounds ? 'screening' : (said ?? judge(speed, smallestEffect));
    return [
      { variant: row.variant, verdict, text: sentence(row, reference, speed, verdict, smallestEffect) },
    ];
  });
}

/** For results from before they said it themselves. */
function judge(
  { low, high, rounds }: Estimate & { readonly rounds: number },
  smallestEffect: number,
): VerdictName {
  if (rounds < fewestRounds || low === null || high === null) return 'screening';
  const edge = 1 + smallestEffect;
  if (low > edge) return 'faster';
  if (high < 1 / edge) return 'slower';
  return low > 1 / edge && high < edge ? 'equivalent' : 'inconclusive';
}

function sentence(
  row: BenchRow,
  reference: BenchRow,
  speed: Estimate & { readonly rounds: number },
  verdict: VerdictName,
  smallestEffect: number,
): string {
  const name = variantLabel(row.variant);
  const than = variantLabel(reference.variant);
  const { estimate, low, high, rounds } = speed;
  const range =
    low === null || high === null
      ? ''
      : ` (95 %: ${formatRatio(low).slice(0, -1)} to ${formatRatio(high).slice(0, -1)}, ${String(rounds)} rounds)`;
  const ratio = formatRatio(estimate);
  const promise = formatRatio(reference.theory.macs / row.theory.macs);
  const theory = `; its FLOPs promise ${promise}`;
  const smallest = `${String(Number((100 * smallestEffect).toPrecision(3)))} %`;
  switch (verdict) {
    case 'faster':
    case 'slower':
      return `${name} is ${verdict} than ${than}: ${ratio} its speed${range}${theory}.`;
    case 'equivalent':
      return `${name} is as fast as ${than} within ${smallest}: ${ratio}${range}${theory}.`;
    case 'inconclusive':
      return `Whether ${name} is faster than ${than} is open: ${ratio}${range}${theory}.`;
    case 'unproven':
      return `${name} seems to run at ${ratio} the speed of ${than}${range}, but no A/A control passed${theory}.`;
    case 'screening':
      return `${name} ran at ${ratio} the speed of ${than}${range}: a first look, too few rounds for a verdict${theory}.`;
  }
}
