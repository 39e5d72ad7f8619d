/** Method and machine: everything needed to judge a run or to repeat it, as pairs of a term and what it was. */
import type { BenchResult } from '../../src/results/schema.ts';
import { defaultSmallestEffect } from '../../src/bench/statistics/verdict.ts';
import { settingNotes } from '../tables/verdict-notes.ts';
import { describeSetting, groupBySetting } from '../setting.ts';
import { formatBytes, formatSeconds, unknown } from '../tables/format.ts';

export interface Fact {
  readonly term: string;
  readonly description: string;
}

export interface FactList {
  readonly title: string;
  readonly facts: readonly Fact[];
}

export function methodFacts(result: BenchResult): FactList[] {
  const { protocol, machine, versions } = result;
  const settings = groupBySetting(result.rows).map(({ setting }) => describeSetting(setting));
  const controls = (result.settings ?? [])
    .flatMap((setting, _, all) => settingNotes(setting, all.length > 1))
    .join(' ');
  const logical = `${String(machine.logicalCores)} logical cores`;
  return [
    {
      title: 'Run',
      facts: [
        { term: 'Command', description: result.command.map(shellWord).join(' ') },
        {
          term: 'Started',
          description: `${result.startedAt} (${result.status === 'complete' ? 'complete' : 'not complete'})`,
        },
        { term: 'Setting', description: settings.join('; ') },
        { term: 'Seed', description: String(result.seed) },
      ],
    },
    {
      title: 'Protocol',
      facts: [
        {
          term: 'Rounds',
          description: `${String(protocol.rounds)}; each runs every variant once, in random order, each in a fresh process`,
        },
        {
          term: 'Warm-up',
          description: `at least ${formatSeconds(protocol.warmUpSeconds)} and ${String(protocol.minimumWarmUpSteps)} steps, not counted`,
        },
        {
          term: 'Timed',
          description: `${String(protocol.blocksPerCell)} blocks of steps per process, at least ${formatSeconds(protocol.minimumBlockSeconds)} each`,
        },
        {
          term: 'Intervals',
          description:
            'speed-ups: per round, the log ratio of median step times per image; with fewer than ten rounds their mean ' +
            'and its t interval, or the hierarchical bootstrap’s where that is wider; from ten rounds on the Hodges–Lehmann ' +
            'estimate and the signed-rank interval; 95 %. Speeds: the median over rounds',
        },
        {
          term: 'Verdicts',
          description:
            'faster or slower when the interval lies beyond the smallest effect of interest ' +
            `(${String(100 * (protocol.smallestEffect ?? defaultSmallestEffect))} %), equivalent when it lies within; ` +
            `unproven when the reference against itself (A/A) does not come out equal. ${controls}`,
        },
        {
          term: 'Counting',
          description:
            '1 MAC = 2 FLOPs; convolutions, dense layers and matrix products; per image: the forward pass, and of training the whole step',
        },
      ],
    },
    {
      title: 'Machine',
      facts: [
        { term: 'Processor', description: `${machine.cpu ?? unknown} (${machine.architecture}), ${logical}` },
        {
          term: 'Memory',
          description:
            formatBytes(machine.memoryBytes) +
            (machine.memoryLimitBytes === null
              ? ''
              : `, limited to ${formatBytes(machine.memoryLimitBytes)}`),
        },
        { term: 'System', description: machine.operatingSystem },
        {
          term: 'Load at start',
          description: machine.loadAverage === null ? unknown : machine.loadAverage.toFixed(2),
        },
      ],
    },
    {
      title: 'Versions',
      facts: Object.entries(versions).map(([term, description]) => ({ term, description })),
    },
  ];
}

/** As a POSIX shell would have to be given it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
