/** Replaces each drawn figure by an interactive one made from the same specification, once it comes into view. */
import { parse, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { Handler } from 'vega-tooltip';
import { unpackSpec, type CompiledAxes, type PackedSpecs } from '../packed-specs.ts';
import { unpack } from './unpack.ts';
import type { ViewControl } from './view.ts';

const tooltip = new Handler({ disableDefaultStyle: true });

export async function startFigures(packed: string, control: ViewControl): Promise<void> {
  const specs = (await unpack(packed).json()) as PackedSpecs;
  // From here on narrow screens have figures of their own.
  document.documentElement.classList.add('drawn');
  const drawn = new Map<HTMLElement, Chart>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        observer.unobserve(target);
        const layouts = specs.figures[target.dataset['figure'] ?? ''];
        if (layouts === undefined) continue;
        const axes = layouts[target.dataset['layout'] === 'narrow' ? 'narrow' : 'wide'];
        const chart = new Chart(target, axes, specs, control);
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
  readonly #axes: CompiledAxes;
  readonly #specs: PackedSpecs;
  readonly #control: ViewControl;
  #view: View | undefined;
  #drawn: 'log' | 'linear' | undefined;
  /** One drawing after the other: the last choice wins. */
  #work: Promise<void> = Promise.resolve();

  constructor(element: HTMLElement, axes: CompiledAxes, specs: PackedSpecs, control: ViewControl) {
    this.#element = element;
    this.#axes = axes;
    this.#specs = specs;
    this.#control = control;
  }

  show(): Promise<void> {
    this.#work = this.#work.then(() => this.#update());
    return this.#work;
  }

  async #update(): Promise<void> {
    const { axes, variant, accelerator } = this.#control.current();
    const wanted = axes === 'linear' && this.#axes.linear !== undefined ? 'linear' : 'log';
    if (this.#view !== undefined && wanted === this.#drawn) {
      await this.#view.signal('highlight', variant).signal('accelerator', accelerator).runAsync();
      return;
    }
    // Beside the page until it is drawn, so that the static figure stands until then.
    const stage = document.createElement('div');
    // The page's policy forbids making functions from text: expressions are interpreted.
    const spec = unpackSpec(this.#axes[wanted] ?? this.#axes.log, this.#specs);
    const runtime = parse(spec, undefined, { ast: true });
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
    this.#drawn = wanted;
  }
}
