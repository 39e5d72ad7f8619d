/** Puts the page together: a pure function from what is known and drawn to one HTML string. */
import { createHash } from 'node:crypto';
import { embedResult } from '../../src/results/embedded-result.ts';
import { packJson } from '../../src/results/packed-json.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import type { Figure } from '../figures/figure.ts';
import type { Table } from '../tables/table.ts';
import type { ClientBundle } from './client-bundle.ts';
import { escapeHtml, escapeJson, escapeScript, escapeText } from './escape.ts';
import { cautions, findings, type Finding } from '../words/finding.ts';
import { describeSetting, principalGroups } from '../setting.ts';
import { variantLabel } from '../variant-label.ts';
import { htmlTable } from './html-table.ts';
import { methodFacts, type FactList } from '../words/method.ts';
import { missingEvidence } from '../words/missing.ts';
import { packSpecs, type CompiledLayouts } from './packed-specs.ts';
import type { Watched } from './watched.ts';
import { stylesheet } from './stylesheet.ts';
import { verdicts, verdictSigns, type VerdictLine } from '../words/verdict.ts';

export interface DrawnFigure {
  readonly figure: Figure;
  readonly specs: CompiledLayouts;
  /** What stands there without scripts, and until they have drawn; narrow screens scroll it. */
  readonly svg: string;
}

export interface PageContent {
  readonly result: BenchResult;
  readonly figures: readonly DrawnFigure[];
  readonly table: Table;
  readonly client: ClientBundle;
  /** Of a run that goes on. */
  readonly watched: Watched | undefined;
}

export function pageDocument({ result, figures, table, client, watched }: PageContent): string {
  const script = escapeScript(client.script);
  const found = findings(result);
  const variants = [...new Set(result.rows.map(({ variant }) => variant))];
  const title = `${found[0]?.headline ?? 'Nothing was measured'} · ecfx`;
  const specs = Object.fromEntries(figures.map(({ figure, specs: own }) => [figure.id, own]));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script)}">
${watched === undefined ? '' : `<meta http-equiv="refresh" content="${String(watched.reloadSeconds)}">\n`}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ecfx ${escapeText(result.versions['ecfx'] ?? '')}">
<title>${escapeText(title, 200)}</title>
<link rel="icon" href="data:,">
<style>${stylesheet}</style>
</head>
<body>
<header>
<p class="brand"><strong>ecfx</strong> <span>convolutional networks in theory and in practice</span></p>
${watched === undefined ? '' : `<p class="watched">${escapeText(watched.sentence)}</p>\n`}${findingsHtml(found)}
${missingHtml(missingEvidence(result))}
${cautionsHtml(cautions(result))}
${verdictsHtml(result, variants)}
</header>
<main>
${toolbarHtml(result, variants)}
${figures.map((figure) => figureHtml(figure, variants)).join('\n')}
<section aria-labelledby="results"><h2 id="results">All numbers ${permalink('results', 'all numbers')}</h2>
${htmlTable(table, variants)}
</section>
<section aria-labelledby="method"><h2 id="method">Method and machine ${permalink('method', 'method and machine')}</h2>
<div class="facts">${methodFacts(result).map(factListHtml).join('\n')}</div>
</section>
</main>
<footer>
<p>All samples of every round are in this file, so that every interval can be recomputed: in the element
<code>#ecfx-result</code> (JSON, schema <code>${escapeText(result.schema)}</code>, gzip, base64), which <code>ecfx report
page.html --recompute</code> reads. <button type="button" id="save-result" hidden>Save the raw result</button></p>
<details><summary>Third-party notices</summary><pre tabindex="0">${escapeHtml(client.notices)}</pre></details>
</footer>
<script type="application/json" id="ecfx-variants">${escapeJson(variants)}</script>
${embedResult(result)}
<script type="application/gzip" id="ecfx-figures">${packJson(packSpecs(specs))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Nothing may be loaded and only our script may run. Vega styles its elements inline, so styles must be allowed. */
function contentSecurityPolicy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The first setting's in full; of the others the headline and what supports it. */
function findingsHtml([first, ...others]: readonly Finding[]): string {
  if (first === undefined) return '';
  const tiles = first.numbers.map(
    ({ value, label }) => `<div><dt>${escapeText(label)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  const cards = others.map(
    (finding) =>
      `<div>${settingHtml(finding.setting)}<h2>${prose(finding.headline)}</h2><p>${finding.sentences.map((sentence) => prose(sentence)).join(' ')}</p></div>`,
  );
  return `${settingHtml(first.setting)}
<h1>${prose(first.headline)}</h1>
${tiles.length > 0 ? `<dl class="numbers">${tiles.join('')}</dl>` : ''}
<p class="lead">${first.sentences.map((sentence) => prose(sentence)).join(' ')}</p>
${cards.length > 0 ? `<div class="other-findings">${cards.join('')}</div>` : ''}`;
}

/** Large text, in which no line begins with the unit of the last number. */
function prose(text: string, maximumLength?: number): string {
  return escapeText(text, maximumLength).replace(/(?<=\d) (?=%)/g, '\u00a0');
}

function settingHtml(setting: string | null | undefined, id?: string): string {
  const mark = id === undefined ? '' : ` id="${id}"`;
  return setting === null || setting === undefined
    ? ''
    : `<p class="setting"${mark}>${escapeText(setting)}</p>`;
}

function permalink(id: string, what: string): string {
  return `<a class="permalink" href="#${id}" aria-label="Link to ${what}">#</a>`;
}

function missingHtml(found: readonly string[]): string {
  if (found.length === 0) return '';
  const items = found.map((sentence) => `<li>${escapeText(sentence)}</li>`);
  return `<aside class="missing" aria-label="What is missing"><p><strong>Not fit for a verdict.</strong> A reviewer would miss:</p><ul>${items.join('')}</ul></aside>`;
}

/** More than this and the list would push the figures off the first screen. */
const shownVerdicts = 6;

function verdictsHtml(result: BenchResult, variants: readonly string[]): string {
  const groups = principalGroups(result.rows).map((group) => ({
    setting: describeSetting(group.setting),
    lines: verdicts(group, result.protocol.smallestEffect),
  }));
  const item = ({ variant, verdict, text }: VerdictLine) =>
    `<li class="${verdict}" data-variant="${String(variants.indexOf(variant))}"><span class="verdict"><span aria-hidden="true">${verdictSigns[verdict]}</span> ${verdict}</span> <span>${escapeText(text, 600)}</span></li>`;
  const lists = groups.flatMap(({ setting, lines }) => {
    if (lines.length === 0) return [];
    const list = `<ul class="verdicts">${lines.map(item).join('')}</ul>`;
    const heading = groups.length > 1 ? `${setting}: ` : '';
    return lines.length <= shownVerdicts && groups.length === 1
      ? [list]
      : [
          `<details><summary>${escapeText(heading)}${lines.length === 1 ? 'the verdict' : `${String(lines.length)} verdicts`} in words</summary>${list}</details>`,
        ];
  });
  return lists.length === 0
    ? ''
    : `<section class="verdict-lists" aria-label="Verdicts">${lists.join('')}</section>`;
}

/** What scripts add to the figures; hidden until they do. */
function toolbarHtml(result: BenchResult, variants: readonly string[]): string {
  const options = variants.map(
    (variant, index) => `<option value="${String(index)}">${escapeText(variantLabel(variant))}</option>`,
  );
  const training = result.rows.some(({ mode }) => mode === 'training');
  return `<form class="toolbar" id="toolbar" aria-label="Figures" hidden>
<fieldset><legend>Axes</legend><label><input type="radio" name="axes" value="log" checked> log</label><label><input type="radio" name="axes" value="linear"> linear</label></fieldset>
<label class="choice"><span>Single out</span> <select name="highlight"><option value="">all variants</option>${options.join('')}</select></label>
${training ? `<label><input type="checkbox" name="accelerator"> the study’s accelerator</label>` : ''}
<output aria-live="polite"></output>
</form>`;
}

function cautionsHtml(found: readonly string[]): string {
  if (found.length === 0) return '';
  const items = found.map((caution) => `<li>${escapeText(caution)}</li>`);
  return `<aside class="cautions" aria-label="Cautions"><ul>${items.join('')}</ul></aside>`;
}

function figureHtml({ figure, svg }: DrawnFigure, variants: readonly string[]): string {
  const { id, title, setting, description, caption, tables } = figure;
  const chart = (layout: 'wide' | 'narrow', content: string): string =>
    `<div class="chart ${layout}" role="img" aria-label="${escapeText(description)}" data-figure="${id}" data-layout="${layout}">${content}</div>`;
  // Of two settings the same may be found: the setting is part of the name.
  const names = setting === undefined ? id : `${id} ${id}-setting`;
  return `<section class="figure" aria-labelledby="${names}"><h2 id="${id}">${prose(title, 400)} ${permalink(id, 'this figure')}</h2>
${settingHtml(setting, `${id}-setting`)}
<figure>
${chart('wide', svg)}
${chart('narrow', '')}
<figcaption>${escapeText(caption)}</figcaption>
</figure>
<details><summary>The numbers of this figure</summary>
${tables.map((table) => htmlTable(table, variants)).join('\n')}
</details>
</section>`;
}

function factListHtml({ title, facts }: FactList): string {
  const items = facts.map(
    ({ term, description }) =>
      `<div><dt>${escapeText(term)}</dt><dd><bdi>${escapeText(description)}</bdi></dd></div>`,
  );
  return `<div><h3>${escapeText(title)}</h3><dl>${items.join('')}</dl></div>`;
}
