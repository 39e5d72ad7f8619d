/**
 * A page of a run that goes on loads itself anew: what was unfolded stays so, and the reader stays where they were. The
 * choices of the toolbar are in the address.
 */
interface Place {
  readonly top: number;
  readonly open: readonly string[];
}

export function keepPlace(): void {
  const store = `ecfx ${location.pathname}`;
  const place = take(store);
  for (const details of document.querySelectorAll('details'))
    details.open ||= place?.open.includes(nameOf(details)) ?? false;
  if (place !== null) scrollTo({ top: place.top, behavior: 'instant' });
  if (document.querySelector('meta[http-equiv="refresh"]') === null) return;
  addEventListener('pagehide', () => {
    const open = [...document.querySelectorAll('details[open]')].map(nameOf);
    sessionStorage.setItem(store, JSON.stringify({ top: scrollY, open } satisfies Place));
  });
}

/** Once: somebody who opens the page another time begins at its top. */
function take(store: string): Place | null {
  const text = sessionStorage.getItem(store);
  sessionStorage.removeItem(store);
  return text === null ? null : (JSON.parse(text) as Place);
}

/** The same in the next version of the page, which may have more figures. */
function nameOf(details: Element): string {
  const section = details.closest('section')?.getAttribute('aria-labelledby') ?? '';
  return `${section} ${details.querySelector('summary')?.textContent ?? ''}`;
}
