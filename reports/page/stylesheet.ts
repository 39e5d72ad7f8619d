import { fontStack, themeDeclarations } from '../render/theme.ts';

const dark = `color-scheme: dark; --page: #12161a; --line: #323a43; --link: #8ab8ff; --control: #7d8894; --caution: #2b2410; --caution-line: #b8860b; --missing: #3a1518; --missing-line: #ff6b6b; --good: #2fc79b; --bad: #ff8b3d; --mark: #24303f; ${themeDeclarations('dark')}`;
const light = `color-scheme: light; --page: #f6f7f9; --line: #d9dee3; --link: #0b57b0; --control: #7b8590; --caution: #fff8e6; --caution-line: #d9a514; --missing: #fdecec; --missing-line: #c62828; --good: #00704f; --bad: #b04a00; --mark: #e8f1fb; ${themeDeclarations('light')}`;

/** Colours are variables, so that dark mode and print change them under figures too. */
export const stylesheet = `
:root { ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { ${light} --page: #ffffff; } }

* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 ${fontStack}; overflow-wrap: break-word; }
header, main, footer { max-width: 1100px; margin: 0 auto; padding: 0 24px; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; margin: 0; letter-spacing: -0.012em; }
h1 { font-size: clamp(1.65rem, 1.1rem + 2.4vw, 2.6rem); font-weight: 700; max-width: 24em; }
h2 { font-size: clamp(1.15rem, 1.05rem + 0.5vw, 1.4rem); font-weight: 650; }
h3 { font-size: 0.8rem; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; color: var(--muted); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
a { color: var(--link); }

.brand { margin: 0; padding: 24px 0 28px; color: var(--muted); font-size: 0.9rem; }
.brand strong { color: var(--ink); font-size: 1.05rem; letter-spacing: -0.01em; margin-right: 0.5em; }
.watched { margin: 0 0 24px; padding: 8px 14px; background: var(--mark); border-left: 4px solid var(--link); border-radius: 4px; font-size: 0.95rem; }
.setting { margin: 0 0 6px; color: var(--muted); font-size: 0.92rem; }
.figure .setting { margin: 4px 0 0; }
.other-findings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 12px; margin-top: 26px; }
.other-findings > div { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px 16px; }
.other-findings .setting { font-size: 0.85rem; }
.other-findings h2 { font-size: 1.05rem; }
.other-findings p:last-child { margin: 6px 0 0; font-size: 0.92rem; }
.lead { max-width: 44em; margin: 20px 0 0; font-size: 1.08rem; color: var(--ink); }
.numbers { display: flex; flex-wrap: wrap; gap: 12px; margin: 26px 0 0; }
.numbers div { flex: 1 1 170px; max-width: 340px; display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px 16px; }
.numbers dt { color: var(--muted); font-size: 0.88rem; line-height: 1.35; }
.numbers dd { margin: 0 0 2px; font-size: clamp(1.3rem, 0.75rem + 1.3vw, 1.75rem); font-weight: 650; letter-spacing: -0.02em; white-space: nowrap; font-variant-numeric: tabular-nums; }
.cautions { margin: 24px 0 0; padding: 12px 18px; background: var(--caution); border-left: 4px solid var(--caution-line); border-radius: 4px; font-size: 0.95rem; }
.cautions ul { margin: 0; padding: 0 0 0 1.1em; }
.cautions li + li { margin-top: 4px; }

.missing { margin: 24px 0 0; padding: 12px 18px; background: var(--missing); border: 1px solid var(--missing-line); border-left-width: 6px; border-radius: 4px; }
.missing p { margin: 0 0 4px; }
.missing ul { margin: 0; padding: 0 0 0 1.1em; }

.verdict-lists { margin-top: 24px; }
.verdicts { list-style: none; margin: 0; padding: 0; display: grid; gap: 2px; }
.verdicts li { display: grid; grid-template-columns: 8.2em minmax(0, 1fr); gap: 14px; padding: 6px 10px; border-radius: 6px; }
.verdict { font-weight: 650; color: var(--muted); }
.faster .verdict { color: var(--good); }
.slower .verdict { color: var(--bad); }
.singled-out, tbody .singled-out th { background: var(--mark); }

.toolbar { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 22px; margin: 36px -12px -24px; padding: 10px 12px; background: var(--page); border-bottom: 1px solid var(--line); font-size: 0.92rem; }
.toolbar[hidden] { display: none; }
.toolbar fieldset { display: flex; gap: 12px; border: 0; margin: 0; padding: 0; }
.toolbar legend { float: left; padding: 0; margin-right: 12px; color: var(--muted); }
.toolbar .choice span { color: var(--muted); margin-right: 6px; }
.toolbar label { min-width: 0; }
.toolbar output { color: var(--muted); font-variant-numeric: tabular-nums; }
select, input[type='search'] { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--control); border-radius: 6px; padding: 3px 8px; max-width: 100%; }
select { max-width: min(22em, 60vw); }
input[type='search'] { margin-top: 14px; width: min(100%, 20em); }
input[type='radio'], input[type='checkbox'] { accent-color: var(--link); margin: 0 5px 0 0; vertical-align: -1px; }
.permalink { color: var(--muted); text-decoration: none; font-weight: 400; margin-left: 0.15em; }
.permalink:hover { color: var(--link); text-decoration: underline; }

main > section { margin-top: 48px; scroll-margin-top: 60px; }
h2 { scroll-margin-top: 60px; }
figure { margin: 16px 0 0; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px; }
figcaption { margin-top: 16px; padding-top: 14px; border-top: 1px solid var(--grid); color: var(--muted); font-size: 0.9rem; line-height: 1.5; max-width: 75em; }
.chart svg text { font-family: ${fontStack}; }
.chart svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.chart.narrow { display: none; }

details { margin-top: 12px; }
summary { cursor: pointer; width: fit-content; padding: 4px 2px; color: var(--link); font-size: 0.95rem; }
.scroll { overflow-x: auto; margin-top: 12px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 12px 16px 6px; color: var(--muted); font-size: 0.9rem; }
th, td { padding: 8px 16px; text-align: left; white-space: nowrap; }
thead th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--line); }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--surface); }
.pinned { display: block; position: sticky; left: 16px; width: fit-content; max-width: calc(100vw - 64px); white-space: normal; }
.unit { display: block; font-weight: 400; font-size: 0.82em; color: var(--muted); }
.n { text-align: right; }
tbody th { font-weight: 500; }
tbody tr:not(.note) th, tbody tr:not(.note) td { border-top: 1px solid var(--grid); }
tbody tr:first-child th, tbody tr:first-child td { border-top: 0; }
tr.note td { padding-top: 0; color: var(--muted); white-space: normal; }
.table-note { margin: 8px 2px 0; color: var(--muted); font-size: 0.88rem; }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; margin-top: 16px; }
.facts > div { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; }
.facts dl { margin: 10px 0 0; font-size: 0.92rem; }
.facts dl div { display: grid; grid-template-columns: 8.5em minmax(0, 1fr); gap: 12px; padding: 5px 0; }
.facts dl div + div { border-top: 1px solid var(--grid); }
.facts dt { color: var(--muted); overflow-wrap: anywhere; }
.facts dd { margin: 0; overflow-wrap: anywhere; }

footer { margin-top: 56px; padding-bottom: 48px; color: var(--muted); font-size: 0.88rem; }
footer > p { border-top: 1px solid var(--line); padding-top: 18px; margin: 0; }
footer pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.78rem; max-height: 24em; overflow-y: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 14px; }
code { font-size: 0.92em; font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
button { font: inherit; color: var(--link); background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; }
button[hidden], tr[hidden] { display: none; }
.sort { all: unset; cursor: pointer; display: block; width: 100%; }
.sort:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.sort:hover { text-decoration: underline; }
[aria-sort='ascending'] .sort::after { content: ' ↑'; }
[aria-sort='descending'] .sort::after { content: ' ↓'; }

#vg-tooltip-element { position: fixed; z-index: 10; visibility: hidden; pointer-events: none; max-width: min(340px, 90vw); padding: 8px 12px; background: var(--surface); color: var(--ink); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 4px 16px rgb(0 0 0 / 18%); font-size: 0.85rem; overflow-wrap: anywhere; }
#vg-tooltip-element.visible { visibility: visible; }
#vg-tooltip-element td { padding: 1px 0; white-space: normal; border: 0; }
#vg-tooltip-element td.key { color: var(--muted); padding-right: 12px; white-space: nowrap; }

@media (max-width: 860px) {
  .chart.wide { overflow-x: auto; }
  .chart.wide svg { max-width: none; }
  .drawn .chart.wide { display: none; }
  .drawn .chart.narrow { display: block; min-height: 320px; }
  .chart.narrow svg { width: 100%; max-width: 560px; }
}
@media (max-width: 560px) {
  header, main, footer { padding-left: 14px; padding-right: 14px; }
  main > section { margin-top: 36px; }
  figure { padding: 12px 8px; border-radius: 10px; }
  figcaption { margin: 12px 6px 0; }
  .numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .numbers div { padding: 10px 12px 12px; }
  .numbers dt { font-size: 0.82rem; }
  th, td { padding: 7px 10px; }
  caption { padding-left: 10px; padding-right: 10px; }
  .pinned { left: 10px; max-width: calc(100vw - 50px); }
  .facts dl div { grid-template-columns: 1fr; gap: 0; }
  .verdicts li { grid-template-columns: 1fr; gap: 0; padding: 6px 8px; }
  .toolbar { position: static; }
}
@media print {
  body { font-size: 11pt; }
  header, main, footer { max-width: none; padding: 0; }
  .chart.wide, .drawn .chart.wide { display: block; }
  .chart.wide svg { max-width: 100%; }
  .chart.narrow, .drawn .chart.narrow { display: none; }
  figure, tr, .facts > div, .numbers { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; border: 0; }
  .pinned { max-width: none; }
  table { font-size: 7pt; }
  th, td { padding: 3px 4px; white-space: normal; }
  caption { padding-left: 4px; }
  details::details-content { content-visibility: visible; height: auto; }
  .sort { pointer-events: none; }
  .sort::after { content: none; }
  button:not(.sort), #vg-tooltip-element, .toolbar, .permalink, input[type='search'] { display: none; }
  footer details { display: none; }
}
`;
