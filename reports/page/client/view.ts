/**
 * What the reader chose to see: axes, the variant that is singled out, the study's accelerator. It is kept in the
 * toolbar's controls and in the address (`#<figure>?axes=linear&variant=…`), so that a link shows what its sender saw.
 */
export interface View {
  readonly axes: 'log' | 'linear';
  /** Empty for all. */
  readonly variant: string;
  readonly accelerator: boolean;
}

export interface ViewControl {
  readonly current: () => View;
  readonly change: (changes: Partial<View>) => void;
  readonly onChange: (listener: (view: View) => void) => void;
}

export function startView(variants: readonly string[]): ViewControl {
  const toolbar = document.querySelector<HTMLFormElement>('#toolbar');
  const listeners: ((view: View) => void)[] = [];
  let view: View = fromAddress(variants);

  const show = (): void => {
    if (toolbar !== null) fillToolbar(toolbar, view, variants);
    const query = toQuery(view);
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a.permalink'))
      link.href = `#${(link.getAttribute('href') ?? '').replace(/^#|\?.*$/g, '')}${query}`;
    markRows(view, variants);
    for (const listener of listeners) listener(view);
  };
  const change = (changes: Partial<View>): void => {
    view = { ...view, ...changes };
    const place = location.hash.slice(1).split('?')[0] ?? '';
    history.replaceState(null, '', `#${place}${toQuery(view)}`);
    show();
  };

  if (toolbar !== null) {
    toolbar.hidden = false;
    toolbar.addEventListener('submit', (event) => event.preventDefault());
    toolbar.addEventListener('change', () => change(fromToolbar(toolbar, variants)));
  }
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && view.variant !== '') change({ variant: '' });
  });
  addEventListener('hashchange', () => {
    view = fromAddress(variants);
    show();
    goToPlace();
  });
  show();
  goToPlace();
  return { current: () => view, change, onChange: (listener) => listeners.push(listener) };
}

function fromAddress(variants: readonly string[]): View {
  const query = new URLSearchParams(location.hash.split('?')[1] ?? '');
  const variant = query.get('variant') ?? '';
  return {
    axes: query.get('axes') === 'linear' ? 'linear' : 'log',
    variant: variants.includes(variant) ? variant : '',
    accelerator: query.has('accelerator'),
  };
}

function toQuery({ axes, variant, accelerator }: View): string {
  const query = new URLSearchParams();
  if (axes !== 'log') query.set('axes', axes);
  if (variant !== '') query.set('variant', variant);
  if (accelerator) query.set('accelerator', '');
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The browser looks for the whole fragment, which names nothing when it carries choices. */
function goToPlace(): void {
  const [place = '', query] = location.hash.slice(1).split('?');
  if (query !== undefined && place !== '') document.getElementById(place)?.scrollIntoView();
}

function fromToolbar(toolbar: HTMLFormElement, variants: readonly string[]): View {
  const data = new FormData(toolbar);
  const index = data.get('highlight');
  return {
    axes: data.get('axes') === 'linear' ? 'linear' : 'log',
    variant: typeof index === 'string' && index !== '' ? (variants[Number(index)] ?? '') : '',
    accelerator: data.has('accelerator'),
  };
}

function fillToolbar(toolbar: HTMLFormElement, view: View, variants: readonly string[]): void {
  for (const input of toolbar.querySelectorAll('input')) {
    input.checked = input.name === 'accelerator' ? view.accelerator : input.value === view.axes;
  }
  const select = toolbar.querySelector('select');
  if (select !== null) select.value = view.variant === '' ? '' : String(variants.indexOf(view.variant));
}

/** The rows of tables and the verdicts of the variant; its row among all numbers is also read out. */
function markRows({ variant }: View, variants: readonly string[]): void {
  const index = variant === '' ? '' : String(variants.indexOf(variant));
  for (const row of document.querySelectorAll<HTMLElement>('[data-variant]'))
    row.classList.toggle('singled-out', row.dataset['variant'] === index);
  const output = document.querySelector('#toolbar output');
  if (output !== null) output.textContent = index === '' ? '' : summary(index);
}

function summary(index: string): string {
  const row = document.querySelector(`section[aria-labelledby="results"] tr[data-variant="${index}"]`);
  const head = row?.closest('table')?.tHead?.rows[0];
  if (!row || !head) return '';
  const wanted = new Map([
    ['images_per_second', ''],
    ['relative_time', ''],
  ]);
  return [...row.children]
    .flatMap((cell, column) => {
      const header = head.cells[column];
      if (header?.dataset['key'] === undefined || !wanted.has(header.dataset['key'])) return [];
      const unit = header.querySelector('.unit')?.textContent ?? '';
      return [`${cell.textContent} ${header.dataset['key'] === 'relative_time' ? `the time ${unit}` : unit}`];
    })
    .join(', ');
}
