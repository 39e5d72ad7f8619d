/** Runs inside the page: replaces each drawn figure by an interactive one made from the same specification. */
import { parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { Handler } from 'vega-tooltip';

type Specs = Record<string, Record<string, Spec>>;

const specs = JSON.parse(textOf('ecfx-figures')) as Specs;
const tooltip = new Handler({ disableDefaultStyle: true });

for (const chart of document.querySelectorAll<HTMLElement>('.chart')) {
  const spec = specs[chart.dataset['figure'] ?? '']?.[chart.dataset['layout'] ?? ''];
  if (spec !== undefined) void draw(chart, spec);
}
offerResult();
openDetailsInPrint();

async function draw(chart: HTMLElement, spec: Spec): Promise<void> {
  // Beside the page until it is drawn, so that the static figure stands until then.
  const stage = document.createElement('div');
  // The page's policy forbids making functions from text: expressions are interpreted.
  const view = new View(parse(spec, undefined, { ast: true }), {
    renderer: 'svg',
    hover: true,
    expr: expressionInterpreter,
    tooltip: tooltip.call.bind(tooltip),
  });
  await view.initialize(stage).runAsync();
  // Vega announces a document; the chart around it is already announced as one image with a description.
  for (const name of ['role', 'aria-roledescription', 'aria-label']) stage.removeAttribute(name);
  chart.replaceChildren(stage);
  chart.dataset['interactive'] = '';
}

/** A button that saves the embedded result; without scripts there is none. */
function offerResult(): void {
  const button = document.querySelector<HTMLButtonElement>('#save-result');
  if (button === null) return;
  button.hidden = false;
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([textOf('ecfx-result')], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'ecfx-result.json';
    link.click();
    URL.revokeObjectURL(url);
  });
}

/** Paper cannot be unfolded. */
function openDetailsInPrint(): void {
  const folded = new Set<HTMLDetailsElement>();
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')) {
      folded.add(details);
      details.open = true;
    }
  });
  addEventListener('afterprint', () => {
    for (const details of folded) details.open = false;
    folded.clear();
  });
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? 'null';
}
