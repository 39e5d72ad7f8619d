/** Runs inside the page: makes its figures answer, its tables sort, and its address say what is shown. */
import { startFigures } from './figures.ts';
import { keepPlace } from './keep-place.ts';
import { startTables } from './tables.ts';
import { unpack } from './unpack.ts';
import { startView } from './view.ts';

const variants = JSON.parse(textOf('ecfx-variants')) as string[];
startTables();
const view = startView(variants);
// After what the toolbar moves.
keepPlace();
void startFigures(textOf('ecfx-figures'), view);
offerResult();
openDetailsInPrint();

/** A button that saves the embedded result; without scripts there is none. */
function offerResult(): void {
  const button = document.querySelector<HTMLButtonElement>('#save-result');
  if (button === null) return;
  button.hidden = false;
  button.addEventListener('click', () => void saveResult());
}

async function saveResult(): Promise<void> {
  const url = URL.createObjectURL(await unpack(textOf('ecfx-result')).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = 'ecfx-result.json';
  link.click();
  URL.revokeObjectURL(url);
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
