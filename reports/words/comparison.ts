/** What `ecfx compare` found, in words. */
import type { ComparedPair, ComparedSource, CompareResult, Design } from '../../src/bench/compare.ts';
import { formatRatio, unknown } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';
import { shellWord, type FactList } from './method.ts';
import { verdictName, verdictSentence, type VerdictName } from './verdict.ts';

export function designSentence(design: Design): string {
  return design === 'paired'
    ? 'Paired: both in every round of one run; ratios are taken round by round.'
    : 'Unpaired: launches of two runs. What changed on the machine between them is in the ratio.';
}

/** The verdict on b of one pair; a sentence. */
export function pairVerdict(
  pair: ComparedPair,
  result: CompareResult,
): { verdict: VerdictName; text: string } {
  const { comparison } = pair;
  const verdict = verdictName(comparison, comparison.verdict);
  const { smallestEffect } = result;
  return {
    verdict,
    text: verdictSentence({ ...namesOf(pair, result), speed: comparison, verdict, smallestEffect }),
  };
}

/** `b0 in b is slower than b0 in a: 0.70× its speed`, or how many of several are so. */
export function comparisonHeadline(result: CompareResult): string {
  const verdicts = result.rows.map((pair) => pairVerdict(pair, result).verdict);
  const [only] = result.rows;
  if (only !== undefined && result.rows.length === 1) {
    const { name, than } = namesOf(only, result);
    const ratio = formatRatio(only.comparison.estimate);
    const [verdict] = verdicts;
    return verdict === 'faster' || verdict === 'slower'
      ? `${name} is ${verdict} than ${than}: ${ratio} its speed`
      : `${name} against ${than}: ${verdict ?? unknown}, at ${ratio} its speed`;
  }
  const order = ['slower', 'faster', 'equivalent', 'inconclusive', 'unproven', 'screening'] as const;
  const counts = order.flatMap((verdict) => {
    const count = verdicts.filter((each) => each === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `b against a: ${counts.join(', ')}`;
}

/** What was unlike, and which verdicts no control stands behind. */
export function comparisonDoubts({ rows }: CompareResult): string[] {
  const unlike = [...new Set(rows.flatMap(({ differences }) => differences))];
  const unproven = rows.filter(({ comparison }) => comparison.verdict === 'unproven').length;
  return [
    ...(unlike.length > 0
      ? [`The two are unlike, and were compared nevertheless: ${unlike.join('; ')}.`]
      : []),
    ...(unproven > 0
      ? [`${unproven} of ${rows.length} unproven: in one of the runs the A/A control failed or is missing.`]
      : []),
  ];
}

/** Where each side comes from. */
export function comparisonFacts({ a, b }: CompareResult): FactList[] {
  return [sourceFacts('a', a), ...(a.path === b.path ? [] : [sourceFacts('b', b)])];
}

/** Within one run the variants tell the sides apart. */
function namesOf({ a, b }: ComparedPair, { design }: CompareResult): { name: string; than: string } {
  const [name, than] = [variantLabel(b.variant), variantLabel(a.variant)];
  return design === 'paired' ? { name, than } : { name: `${name} in b`, than: `${than} in a` };
}

function sourceFacts(
  side: string,
  { path, startedAt, command, machine, versions }: ComparedSource,
): FactList {
  return {
    title: `Run ${side}`,
    facts: [
      { term: 'From', description: path },
      { term: 'Command', description: command.map(shellWord).join(' ') },
      { term: 'Started', description: startedAt },
      {
        term: 'Machine',
        description: `${machine.cpu ?? unknown}, ${String(machine.logicalCores)} logical cores, ${machine.operatingSystem}`,
      },
      {
        term: 'Versions',
        description: Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', '),
      },
    ],
  };
}
