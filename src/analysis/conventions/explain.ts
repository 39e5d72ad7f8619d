import type { ConventionCount, CountedLine } from './convention.ts';

/** A line of two conventions' totals side by side; a rule is null where that convention does not count it. */
export interface ComparedLine {
  readonly line: string;
  readonly leftRule: string | null;
  readonly rightRule: string | null;
  readonly left: number;
  readonly right: number;
  /** right − left. */
  readonly difference: number;
}

/** Why two conventions give different totals. The columns sum to the totals exactly. */
export interface Explanation {
  /** Null when one of the two counts no operations. */
  readonly operations: readonly ComparedLine[] | null;
  readonly parameters: readonly ComparedLine[];
}

/** Compares what two conventions make of the same network, line by line. */
export function explain(left: ConventionCount, right: ConventionCount): Explanation {
  return {
    operations:
      left.operations === null || right.operations === null ? null : compare(left.lines, right.lines),
    parameters: compare(left.parameterLines, right.parameterLines),
  };
}

function compare(left: readonly CountedLine[], right: readonly CountedLine[]): ComparedLine[] {
  const names = new Set([...left, ...right].map(({ line }) => line));
  return [...names].map((line) => {
    const [mine, theirs] = [sum(left, line), sum(right, line)];
    return {
      line,
      leftRule: mine.rule,
      rightRule: theirs.rule,
      left: mine.amount,
      right: theirs.amount,
      difference: theirs.amount - mine.amount,
    };
  });
}

function sum(lines: readonly CountedLine[], name: string): { rule: string | null; amount: number } {
  const same = lines.filter(({ line }) => line === name);
  return {
    rule: same.length === 0 ? null : same.map(({ rule }) => rule).join('; '),
    amount: same.reduce((total, { amount }) => total + amount, 0),
  };
}
