/** Puts the page together: a pure function from what is known and drawn to one HTML string. */
import { createHash } from 'node:crypto';
import type { Spec as VegaSpec } from 'vega';
import type { BenchResult } from '../../src/results/schema.ts';
import type { Figure } from '../figures/figure.ts';
import type { Table } from '../tables/table.ts';
import type { ClientBundle } from './client-bundle.ts';
import { escapeHtml, escapeJson, escapeScript, escapeText } from './escape.ts';
import { cautions, findings, type Finding } from './finding.ts';
import { htmlTable } from './html-table.ts';
import { methodFacts, type FactList } from './method.ts';
import { stylesheet } from './stylesheet.ts';

export interface Drawing {
  /** What the client makes the interactive figure from. */
  readonly vega: VegaSpec;
  /** What stands there without scripts. */
  readonly svg: string;
}

export interface DrawnFigure {
  readonly figure: Figure;
  readonly wide: Drawing;
  readonly narrow: Drawing;
}

export interface PageContent {
  readonly result: BenchResult;
  readonly figures: readonly DrawnFigure[];
  readonly table: Table;
  readonly client: ClientBundle;
}

export function pageDocument({ result, figures, table, client }: PageContent): string {
  const script = escapeScript(client.script);
  const found = findings(result);
  const title = `${found[0]?.headline ?? 'Nothing was measured'} · ecfx`;
  const specs = Object.fromEntries(
    figures.map(({ figure, wide, narrow }) => [figure.id, { wide: wide.vega, narrow: narrow.vega }]),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ecfx ${escapeText(result.versions['ecfx'] ?? '')}">
<title>${escapeText(title, 200)}</title>
<link rel="icon" href="data:,">
<style>${stylesheet}</style>
</head>
<body>
<header>
<p class="brand"><strong>ecfx</strong> <span>convolutional networks in theory and in practice</span></p>
${found.map((finding, index) => findingHtml(finding, index === 0)).join('\n')}
${cautionsHtml(cautions(result))}
</header>
<main>
${figures.map(figureHtml).join('\n')}
<section aria-labelledby="results"><h2 id="results">All numbers</h2>
${htmlTable(table)}
</section>
<section aria-labelledby="method"><h2 id="method">Method and machine</h2>
<div class="facts">${methodFacts(result).map(factListHtml).join('\n')}</div>
</section>
</main>
<footer>
<p>The samples of every round are in this file, in the element <code>#ecfx-result</code> (JSON, schema
<code>${escapeText(result.schema)}</code>), so that every interval can be recomputed. <button type="button" id="save-result" hidden>Save the
raw result</button></p>
<details><summary>Third-party notices</summary><pre tabindex="0">${escapeHtml(client.notices)}</pre></details>
</footer>
<script type="application/json" id="ecfx-result">${escapeJson(result)}</script>
<script type="application/json" id="ecfx-figures">${escapeJson(specs)}</script>
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

function findingHtml({ headline, sentences, numbers }: Finding, isFirst: boolean): string {
  const heading = isFirst ? 'h1' : 'h2';
  const tiles = numbers.map(
    ({ value, label }) => `<div><dt>${escapeText(label)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<${heading}>${escapeText(headline)}</${heading}>
${tiles.length > 0 ? `<dl class="numbers">${tiles.join('')}</dl>` : ''}
<p class="lead">${sentences.map((sentence) => escapeText(sentence)).join(' ')}</p>`;
}

function cautionsHtml(found: readonly string[]): string {
  if (found.length === 0) return '';
  const items = found.map((caution) => `<li>${escapeText(caution)}</li>`);
  return `<aside class="cautions" aria-label="Cautions"><ul>${items.join('')}</ul></aside>`;
}

function figureHtml({ figure, wide, narrow }: DrawnFigure): string {
  const { id, title, description, caption, table } = figure;
  const chart = (layout: 'wide' | 'narrow', { svg }: Drawing): string =>
    `<div class="chart ${layout}" role="img" aria-label="${escapeText(description)}" data-figure="${id}" data-layout="${layout}">${svg}</div>`;
  return `<section class="figure" aria-labelledby="${id}"><h2 id="${id}">${escapeText(title)}</h2>
<figure>
${chart('wide', wide)}
${chart('narrow', narrow)}
<figcaption>${escapeText(caption)}</figcaption>
</figure>
<details><summary>The numbers of this figure</summary>
${htmlTable(table)}
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
