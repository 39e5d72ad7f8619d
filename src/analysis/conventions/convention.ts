import type { NodeCounts } from '../count.ts';
import { partsOf, type Part, type PartKind } from './parts.ts';

/** How a tool counts one kind of part. */
export interface Rule {
  /** What the amount is for, in the words that all conventions share. */
  readonly line: string;
  /** How much: "2 per element". */
  readonly rule: string;
  readonly amount: (part: Part) => number;
  /** The tool meets such a part in every forward pass, even where it depends on parameters alone. */
  readonly everyPass?: true;
}

/** The counting rules of one tool, applied to one implementation of the network. */
export interface Convention {
  /** The tool, and the version or commit whose rules these are. */
  readonly tool: string;
  /** Whose implementation it is given: the same network is counted differently when it is written differently. */
  readonly network: string;
  /** The tool's own word for an operation. In each of them one multiply-accumulate is one. */
  readonly unit: string;
  /** A rule for each kind of part that the tool sees; or why it counts no operations. */
  readonly operations: Partial<Record<PartKind, Rule>> | string;
  /** Kinds of parts whose outputs the tool calls activations; or null where it counts none. */
  readonly activations: readonly PartKind[] | null;
  readonly parameters: ParameterRules;
}

export interface ParameterRules {
  /** Whether running statistics are parameters too. */
  readonly buffers: boolean;
  /** Kinds of parts whose parameters the tool misses. */
  readonly unseen?: readonly PartKind[];
  /** Parameters of layers that only this implementation has. */
  readonly extra?: CountedLine;
}

/** One line of a tool's total. */
export interface CountedLine {
  readonly line: string;
  readonly rule: string;
  readonly amount: number;
}

/** What a tool would print for a network, and how it comes about. */
export interface ConventionCount {
  readonly tool: string;
  readonly network: string;
  readonly unit: string;
  /** The sum of `lines`; null when the tool counts no operations, for the given reason. */
  readonly operations: number | null;
  readonly reason: string | null;
  /** The sum of `parameterLines`. */
  readonly parameters: number;
  readonly activations: number | null;
  readonly lines: readonly CountedLine[];
  readonly parameterLines: readonly CountedLine[];
  /** What the tool does not count, by operator: operations as ecfx counts them (MACs, arithmetic, transcendental). */
  readonly uncounted: ReadonlyMap<string, number>;
}

/** Counts a network as the tool would, for the batch that the graph was built for. */
export function countBy(convention: Convention, nodes: readonly NodeCounts[]): ConventionCount {
  const { tool, network, unit, operations, activations } = convention;
  const parts = partsOf(nodes);
  const counted = typeof operations === 'string' ? null : countOperations(operations, parts);
  const parameterLines = countParameters(convention.parameters, parts);
  return {
    tool,
    network,
    unit,
    operations: counted?.lines.total ?? null,
    reason: typeof operations === 'string' ? operations : null,
    parameters: parameterLines.total,
    activations:
      activations &&
      parts.filter(({ kind }) => activations.includes(kind)).reduce((sum, { outputs }) => sum + outputs, 0),
    lines: counted?.lines.all ?? [],
    parameterLines: parameterLines.all,
    uncounted: counted?.uncounted ?? new Map(),
  };
}

function countOperations(rules: Partial<Record<PartKind, Rule>>, parts: readonly Part[]) {
  const lines = new Lines();
  const uncounted = new Map<string, number>();
  for (const part of parts) {
    const rule = rules[part.kind];
    if (rule && (rule.everyPass || !part.perUpdate)) lines.add(rule, rule.amount(part));
    else if (part.operations > 0) {
      const label = part.perUpdate ? 'functions of parameters alone, once per update' : part.label;
      uncounted.set(label, (uncounted.get(label) ?? 0) + part.operations);
    }
  }
  return { lines, uncounted };
}

function countParameters({ buffers, unseen = [], extra }: ParameterRules, parts: readonly Part[]): Lines {
  const lines = new Lines();
  for (const { kind, newParameters, newBuffers } of parts) {
    if (newParameters > 0 && !unseen.includes(kind)) {
      lines.add({ line: parameterLine(kind), rule: '1 per element' }, newParameters);
    }
    if (newBuffers > 0 && buffers) {
      lines.add({ line: 'running mean and variance', rule: '1 per element' }, newBuffers);
    }
  }
  if (extra) lines.add(extra, extra.amount);
  return lines;
}

function parameterLine(kind: PartKind): string {
  switch (kind) {
    case 'convolution':
    case 'dense':
      return `${kind} weights`;
    case 'bias':
      return 'biases';
    case 'weight standardization':
      return 'standardized weights and gains';
    case 'batch norm':
    case 'group norm':
    case 'instance norm':
      return 'norm scales and offsets';
    default:
      return 'parameters outside layers';
  }
}

/** Amounts summed per line and rule, in the order in which they first appear. */
class Lines {
  readonly #lines = new Map<string, Map<string, number>>();

  add({ line, rule }: Pick<CountedLine, 'line' | 'rule'>, amount: number): void {
    const rules = this.#lines.get(line) ?? new Map<string, number>();
    if (rules.size === 0) this.#lines.set(line, rules);
    rules.set(rule, amount + (rules.get(rule) ?? 0));
  }

  get all(): CountedLine[] {
    return [...this.#lines].flatMap(([line, rules]) =>
      [...rules].map(([rule, amount]) => ({ line, rule, amount })),
    );
  }

  get total(): number {
    return this.all.reduce((sum, { amount }) => sum + amount, 0);
  }
}
