/** Replaces each drawn figure by an interactive one made from the same specification, once it comes into view. */
import { parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { Handler } from 'vega-tooltip';
import type { ViewControl } from './view.ts';

type Specs = Record<string, Record<string, { log: Spec; linear?: Spec }>>;

const tooltip = new Handler({ disableDefaultStyle: true });

export async function startFigures(packed: string, control: ViewControl): Promise<void> {
  const specs = await unpack(packed);
  // From here on narrow screens have figures of their own.
  document.documentElement.classList.add('drawn');
  const drawn = new Map<HTMLElement, Chart>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        observer.unobserve(target);
        const spec = specs[target.dataset['figure'] ?? '']?.[target.dataset['layout'] ?? ''];
        if (spec === undefined) continue;
        const chart = new Chart(target, spec, control);
        drawn.set(target, chart);
        void chart.show();
      }
    },
    { rootMargin: '300px' },
  );
  for (const chart of document.querySelectorAll<HTMLElement>('.chart')) observer.observe(chart);
  control.onChange(() => {
    for (const chart of drawn.values()) void chart.show();
  });
}

class Chart {
  readonly #element: HTMLElement;
  readonly #spec: { log: Spec; linear?: Spec };
  readonly #control: ViewControl;
  #view: View | undefined;
  #axes: 'log' | 'linear' | undefined;
  /** One drawing after the other: the last choice wins. */
  #work: Promise<void> = Promise.resolve();

  constructor(element: HTMLElement, spec: { log: Spec; linear?: Spec }, control: ViewControl) {
    this.#element = element;
    this.#spec = spec;
    this.#control = control;
  }

  show(): Promise<void> {
    this.#work = this.#work.then(() => this.#update());
    return this.#work;
  }

  async #update(): Promise<void> {
    const { axes, variant, accelerator } = this.#control.current();
    const wanted = axes === 'linear' && this.#spec.linear !== undefined ? 'linear' : 'log';
    if (this.#view !== undefined && wanted === this.#axes) {
      await this.#view.signal('highlight', variant).signal('accelerator', accelerator).runAsync();
      return;
    }
    // Beside the page until it is drawn, so that the static figure stands until then.
    const stage = document.createElement('div');
    // The page's policy forbids making functions from text: expressions are interpreted.
    const runtime = parse(this.#spec[wanted] ?? this.#spec.log, undefined, { ast: true });
    const view = new View(runtime, {
      renderer: 'svg',
      hover: true,
      expr: expressionInterpreter,
      tooltip: tooltip.call.bind(tooltip),
    });
    view.signal('highlight', variant).signal('accelerator', accelerator);
    view.addEventListener('click', (_, item) => {
      const key: unknown = (item as { datum?: { key?: unknown } } | null | undefined)?.datum?.key;
      const current = this.#control.current().variant;
      const next = typeof key === 'string' && key !== current ? key : '';
      if (next !== current) this.#control.change({ variant: next });
    });
    await view.initialize(stage).runAsync();
    // Vega announces a document; the chart around it is already announced as one image with a description.
    for (const name of ['role', 'aria-roledescription', 'aria-label']) stage.removeAttribute(name);
    this.#element.replaceChildren(stage);
    this.#element.dataset['interactive'] = wanted;
    this.#view?.finalize();
    this.#view = view;
    this.#axes = wanted;
  }
}

async function unpack(packed: string): Promise<Specs> {
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as Specs;
}
