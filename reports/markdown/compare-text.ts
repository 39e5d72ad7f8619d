import type { CompareResult } from '../../src/bench/compare.ts';
import { groupBy } from '../group-by.ts';
import { describeSetting } from '../setting.ts';
import { compareTable } from '../tables/compare-table.ts';
import {
  comparisonDoubts,
  comparisonFacts,
  comparisonHeadline,
  designSentence,
  pairVerdict,
} from '../words/comparison.ts';
import { pullRequestText } from './pull-request.ts';

/** A comparison for a pull request: is b slower, by how much, and how sure that is. */
export function compareText(result: CompareResult): string {
  const groups = [...groupBy(result.rows, ({ b }) => describeSetting(b))];
  const table = compareTable(result);
  return pullRequestText({
    findings: [
      {
        headline: comparisonHeadline(result),
        setting: groups.length === 1 ? groups[0]![0] : null,
        sentences: [designSentence(result.design)],
      },
    ],
    missing: comparisonDoubts(result),
    cautions: result.warnings,
    verdicts: groups.map(([setting, pairs]) => ({
      setting,
      lines: pairs.map((pair) => pairVerdict(pair, result)),
    })),
    controls: [],
    table,
    facts: comparisonFacts(result),
  });
}
