/**
 * A result as a text to put under a pull request, in GitHub's Markdown: what it says first, then what keeps it from being
 * believed, the verdicts, the table, and folded away what only a sceptic looks up.
 */
import type { Table } from '../tables/table.ts';
import type { FactList } from '../words/method.ts';
import { verdictSigns, type VerdictName } from '../words/verdict.ts';
import { escapeMarkdown } from './escape.ts';
import { markdownTable } from './markdown-table.ts';

/** Everything in it is plain text; this is the only place that makes Markdown of it. */
export interface PullRequestText {
  /** What was found, the most important first. */
  readonly findings: readonly {
    readonly headline: string;
    readonly setting: string | null;
    readonly sentences: readonly string[];
  }[];
  /** What keeps the verdicts from being believed. */
  readonly missing: readonly string[];
  readonly cautions: readonly string[];
  /** A list a setting; the setting is said only where there are several. */
  readonly verdicts: readonly {
    readonly setting: string;
    readonly lines: readonly { readonly verdict: VerdictName; readonly text: string }[];
  }[];
  /** What the reference against itself gave. */
  readonly controls: readonly string[];
  readonly table: Table;
  readonly facts: readonly FactList[];
}

/** More verdicts than this are folded away: the table has them too. */
const shownVerdicts = 12;

export function pullRequestText(text: PullRequestText): string {
  const { findings, missing, cautions, verdicts, controls, table, facts } = text;
  const said = new Set([...controls, ...findings.flatMap(({ sentences }) => sentences)]);
  const remarks = table.notes.filter((note) => !said.has(note));
  const otherControls = controls.filter((control) => !missing.includes(control));
  return [
    ...findingParts(findings),
    ...alert('WARNING', '**Not fit for a verdict.** A reviewer would miss:', missing),
    ...alert('NOTE', 'To bear in mind:', cautions),
    ...verdictParts(verdicts),
    otherControls.map((control) => escapeMarkdown(control)).join('\n\n'),
    markdownTable({ ...table, notes: [] }).trimEnd(),
    ...(remarks.length > 0 ? [folded('Remarks on the table', bullets(remarks))] : []),
    folded('Method and machine', facts.map(factList).join('\n\n')),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The first as the title; the others as a list below. */
function findingParts([first, ...others]: PullRequestText['findings']): string[] {
  if (first === undefined) return [];
  const sentences = (lines: readonly string[]) => lines.map((line) => escapeMarkdown(line)).join(' ');
  const setting = first.setting === null ? [] : [`*${escapeMarkdown(first.setting)}*`];
  const items = others.map(
    (each) =>
      `- **${escapeMarkdown(each.headline)}** (${escapeMarkdown(each.setting ?? '')}). ${sentences(each.sentences)}`,
  );
  return [
    `### ${escapeMarkdown(first.headline)}`,
    ...setting,
    sentences(first.sentences),
    ...(items.length > 0 ? [items.join('\n')] : []),
  ];
}

/** A box that GitHub draws; elsewhere a quotation. */
function alert(kind: 'WARNING' | 'NOTE', title: string, sentences: readonly string[]): string[] {
  if (sentences.length === 0) return [];
  const lines = [`[!${kind}]`, title, '', ...sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`)];
  return [lines.map((line) => `> ${line}`.trimEnd()).join('\n')];
}

function verdictParts(all: PullRequestText['verdicts']): string[] {
  const groups = all.filter(({ lines }) => lines.length > 0);
  const lists = groups.map(({ setting, lines }) => {
    const items = lines.map(({ verdict, text }) => `- ${verdictSigns[verdict]} ${escapeMarkdown(text, 600)}`);
    return [...(all.length > 1 ? [`*${escapeMarkdown(setting)}*`, ''] : []), ...items].join('\n');
  });
  const count = groups.reduce((sum, { lines }) => sum + lines.length, 0);
  return count > shownVerdicts ? [folded(`${count} verdicts in words`, lists.join('\n\n'))] : lists;
}

function bullets(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join('\n');
}

/** Markdown inside needs the empty lines around it. */
function folded(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function factList({ title, facts }: FactList): string {
  const items = facts.map(
    ({ term, description }) => `- ${escapeMarkdown(term)}: ${escapeMarkdown(description, 2000)}`,
  );
  return [`**${escapeMarkdown(title)}**`, '', ...items].join('\n');
}
