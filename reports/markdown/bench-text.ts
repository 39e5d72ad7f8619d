import { defaultSmallestEffect } from '../../src/bench/statistics/verdict.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { describeSetting, principalGroups } from '../setting.ts';
import { benchTable } from '../tables/bench-table.ts';
import { settingNotes } from '../tables/verdict-notes.ts';
import { cautions, findings } from '../words/finding.ts';
import { methodFacts } from '../words/method.ts';
import { missingEvidence } from '../words/missing.ts';
import { verdicts } from '../words/verdict.ts';
import { pullRequestText } from './pull-request.ts';

/** A run for a pull request: which variant wins here, by how much, and how sure that is. */
export function benchText(result: BenchResult): string {
  const { smallestEffect = defaultSmallestEffect } = result.protocol;
  const settings = result.settings ?? [];
  return pullRequestText({
    findings: findings(result),
    missing: missingEvidence(result),
    cautions: cautions(result),
    verdicts: principalGroups(result.rows).map((group) => ({
      setting: describeSetting(group.setting),
      lines: verdicts(group, smallestEffect),
    })),
    controls: settings.flatMap((setting) => settingNotes(setting, settings.length > 1)),
    table: benchTable(result),
    facts: methodFacts(result),
  });
}
