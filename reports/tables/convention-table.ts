import type { ComparedLine } from '../../src/analysis/conventions/explain.ts';
import type {
  ConventionResult,
  ExplanationResult,
  FlopsResult,
  FlopsVariant,
} from '../../src/analysis/flops.ts';
import { variantLabel } from '../variant-label.ts';
import { formatCount, inUnit, unknown } from './format.ts';
import type { Cell, Row, Table } from './table.ts';

/** What other tools print for the same networks. */
export function conventionTable(result: FlopsResult): Table {
  const tools = new Map<string, ConventionResult>();
  const rows = result.variants.flatMap(({ variant, conventions = {} }) =>
    Object.entries(conventions).map(([name, count]): Row => {
      tools.set(name, count);
      return {
        cells: [
          { text: variantLabel(variant), value: variant },
          { text: name, value: name },
          {
            text: count.operations === null ? unknown : inUnit(count.operations, 1e9, 4),
            value: count.operations,
          },
          { text: count.operations === null ? '' : `G${count.unit}`, value: count.unit },
          { text: formatCount(count.parameters), value: count.parameters },
          {
            text: count.activations === null ? unknown : inUnit(count.activations, 1e6),
            value: count.activations,
          },
        ],
      };
    }),
  );
  return {
    caption: 'The same networks in the conventions of other tools',
    columns: [
      { header: 'variant', key: 'variant', align: 'left' },
      { header: 'convention', key: 'convention', align: 'left' },
      { header: 'prints', key: 'operations', align: 'right' },
      { header: '', key: 'unit', align: 'left' },
      { header: 'params', key: 'parameters', align: 'right' },
      { header: 'activ.', unit: 'M', key: 'activations', align: 'right' },
    ],
    rows,
    notes: [...tools].flatMap(([name, { tool, network, reason, uncounted }]) => [
      `${name}: ${tool}, given ${network}${reason === null ? '' : `; ${reason}`}.`,
      ...(Object.keys(uncounted).length === 0
        ? []
        : [`  not counted: ${Object.keys(uncounted).join(', ')}.`]),
    ]),
  };
}

/** Why two conventions differ on a variant: line by line, then the totals. */
export function explanationTables({ variant, explanation }: FlopsVariant): Table[] {
  if (!explanation) return [];
  const title = `${explanation.left} against ${explanation.right} on ${variantLabel(variant)}`;
  return [
    ...(explanation.operations
      ? [comparison(`Operations, ${title}`, explanation, explanation.operations)]
      : []),
    comparison(`Parameters, ${title}`, explanation, explanation.parameters),
  ];
}

function comparison(
  caption: string,
  { left, right }: ExplanationResult,
  lines: readonly ComparedLine[],
): Table {
  const total = (amount: (line: ComparedLine) => number) =>
    lines.reduce((sum, line) => sum + amount(line), 0);
  const row = (line: string, mine: number, theirs: number): Row => ({
    cells: [{ text: line, value: line }, number(mine), number(theirs), number(theirs - mine)],
  });
  return {
    caption,
    columns: [
      { header: 'line', key: 'line', align: 'left' },
      { header: left, key: 'left', align: 'right' },
      { header: right, key: 'right', align: 'right' },
      { header: 'difference', key: 'difference', align: 'right' },
    ],
    rows: [
      ...lines.map((line) => row(lineWithRules(line), line.left, line.right)),
      row(
        'total',
        total(({ left: amount }) => amount),
        total(({ right: amount }) => amount),
      ),
    ],
    notes: [],
  };
}

/** The rule beside the line where it says something: both, when they differ. */
function lineWithRules({ line, leftRule, rightRule }: ComparedLine): string {
  const rules = [...new Set([leftRule, rightRule].filter((rule) => rule !== null))];
  return `${line} (${rules.join(' / ')})`;
}

function number(value: number): Cell {
  return { text: value === 0 ? '–' : formatCount(value), value };
}
