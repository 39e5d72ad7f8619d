import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderPage } from '../../reports/page/page.ts';
import { embeddedResult } from '../../src/results/embedded-result.ts';
import type { BenchResult } from '../../src/results/schema.ts';
import { launchBrowser, openPage } from '../support/browser.ts';
import { layoutFaults, noFaults } from '../support/layout.ts';
import { textsOfPages } from '../support/pdf.ts';
import { sampleBenchResult, sampleFullResult } from '../support/sample-bench-result.ts';
import { largeResult } from '../support/large-result.ts';
import { sampleBackground, studySample } from '../support/study-sample.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const study = studySample();
const result = sampleBenchResult();
const everything = sampleFullResult();

let browser: Browser;
let folder: string;

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts', 'build-client.mjs')], { stdio: 'inherit' });
  [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'ecfx-page-'))]);
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

interface Visit {
  readonly page: Page;
  /** Console messages, uncaught errors and requests other than for the page itself. */
  readonly noise: string[];
}

const written = new Map<BenchResult, Promise<string>>();

/** The address of a result's page, which is written once for all tests. */
function addressOf(shown: BenchResult): Promise<string> {
  const write = async () => {
    const path = join(folder, `${crypto.randomUUID()}.html`);
    await writeFile(path, await renderPage(shown, sampleBackground(shown)));
    return pathToFileURL(path).href;
  };
  const address = written.get(shown) ?? write();
  written.set(shown, address);
  return address;
}

/** Opens the report of a result from a file, without network, and waits for the figures unless nobody looks at them. */
async function visit(
  options: BrowserContextOptions = {},
  shown: BenchResult = result,
  figures: 'drawn' | 'any' = 'drawn',
): Promise<Visit> {
  const url = await addressOf(shown);
  const noise: string[] = [];
  const page = await openPage(browser, options, async (opened) => {
    noise.length = 0;
    opened.on('console', (message) => noise.push(`console: ${message.text()}`));
    opened.on('pageerror', (error) => noise.push(`error: ${String(error)}`));
    opened.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        noise.push(`request: ${request.url()}`);
    });
    await opened.goto(url);
    if (options.javaScriptEnabled !== false && figures === 'drawn') await drawAll(opened);
  });
  return { page, noise };
}

/** Figures are drawn when they come into view: all of them, in a window as tall as the page. */
async function drawAll(page: Page): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 720 };
  const tall = await page.evaluate<number>('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height: tall });
  const undrawn = `[...document.querySelectorAll('.chart:not([data-interactive])')].filter((chart) => chart.checkVisibility())`;
  await expect.poll(() => page.evaluate<number>(`${undrawn}.length`), { timeout: 30_000 }).toBe(0);
  await page.setViewportSize({ width, height });
}

/** Dots are circles where no script has drawn. */
const symbols = '.mark-symbol.role-mark path';

describe('the page, from a file and offline', () => {
  test('is silent, and draws every figure with every mark', async () => {
    const { page, noise } = await visit({ viewport: { width: 1280, height: 900 } });
    expect(await page.locator('.chart:visible').count()).toBe(6);
    expect(await page.locator(`.chart.wide >> nth=0 >> ${symbols}`).count()).toBe(study.length + 2 * 4);
    expect(await page.locator(`.chart.wide >> nth=1 >> ${symbols}`).count()).toBe(6);
    expect(await page.locator('h1').innerText()).toContain('is the fastest here');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('shows the numbers of a point that is pointed at', async () => {
    const { page, noise } = await visit({ viewport: { width: 1280, height: 900 } });
    await page.locator(`.chart.wide >> nth=1 >> ${symbols} >> nth=0`).hover();
    const tooltip = page.locator('#vg-tooltip-element.visible');
    await tooltip.waitFor();
    expect(await tooltip.innerText()).toMatch(/theoretical speed-up\s+1\.00×/);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('works without scripts', async () => {
    const { page, noise } = await visit({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
    expect(await page.locator(`.chart.wide >> nth=0 >> ${symbols}`).count()).toBe(study.length + 2 * 4);
    expect(await page.locator('#save-result').isVisible()).toBe(false);
    expect(await page.locator('#toolbar').isVisible()).toBe(false);
    await page.locator('main summary').first().click();
    expect(await page.locator('details table').first().isVisible()).toBe(true);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('carries the whole result, and gives it out again', async () => {
    const { page } = await visit({}, result, 'any');
    expect(JSON.parse(embeddedResult(await page.content()))).toEqual(result);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#save-result').click(),
    ]);
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(result);
    await page.context().close();
  });

  test('prints without what only a screen can do', async () => {
    const { page } = await visit({ viewport: { width: 720, height: 1000 } }, result, 'any');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.chart.wide').first().isVisible()).toBe(true);
    expect(await page.locator('.chart.narrow').first().isVisible()).toBe(false);
    expect(await page.locator('#save-result').isVisible()).toBe(false);
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    expect(await page.locator('main details:not([open])').count()).toBe(0);
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
    expect(await page.locator('main details[open]').count()).toBe(0);
    await page.context().close();
  });
});

describe('at any width, light, dark and on paper', () => {
  const widths = [360, 768, 1280, 1920];
  const samples: Record<string, BenchResult> = {
    quick: result,
    sizes: sampleBenchResult({ variants: 'sizes' }),
    everything,
  };
  /** A4 less the margins that browsers leave, in CSS pixels. */
  const paper = { width: 718, height: 1046 };

  test.each(Object.keys(samples))('nothing is cut off or covered (%s)', async (name) => {
    const { page } = await visit({ viewport: { width: 1280, height: 900 } }, samples[name]);
    await openAll(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await drawAll(page);
      expect(await layoutFaults(page), `at ${String(width)} pixels`).toEqual(noFaults);
    }
    await page.setViewportSize(paper);
    await page.emulateMedia({ media: 'print' });
    expect(await layoutFaults(page), 'on paper').toEqual(noFaults);
    await page.context().close();
  });

  test.each([
    ['quick', [360, 1280]],
    ['everything', [768]],
  ] as const)(
    'axe finds nothing (%s)',
    async (name, ownWidths) => {
      // The page's own policy would refuse axe's script.
      const { page } = await visit(
        { bypassCSP: true, viewport: { width: 1280, height: 900 } },
        samples[name],
      );
      await openAll(page);
      for (const width of ownWidths) {
        await page.setViewportSize({ width, height: 900 });
        await drawAll(page);
        await page.emulateMedia({ colorScheme: 'light' });
        expect(await violations(axe(page)), `light, ${String(width)}`).toEqual([]);
        // Only colours differ, and those not in what the other sample has more of.
        if (width === 768) continue;
        await page.emulateMedia({ colorScheme: 'dark' });
        const colours = axe(page).withRules(['color-contrast', 'link-in-text-block']);
        expect(await violations(colours), `dark, ${String(width)}`).toEqual([]);
      }
      await page.context().close();
    },
    180_000,
  );

  test('prints onto pages that all show something, with everything unfolded', async () => {
    const { page } = await visit({ viewport: { width: 1280, height: 900 } }, everything, 'any');
    const texts = textsOfPages(await page.pdf({ format: 'A4' }));
    expect(texts.length).toBeGreaterThan(8);
    expect(Math.min(...texts)).toBeGreaterThan(0);
    expect(await page.locator('main details[open]').count()).toBe(0);
    await page.context().close();
  });
});

async function openAll(page: Page): Promise<void> {
  await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`);
}

/**
 * A drawing is one image with a description; what is inside it is nobody's to read. Rows of a table look alike: the
 * first ones stand for all. There are no frames, for which axe would open another page.
 */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode().exclude('.chart svg').exclude('tbody tr:nth-child(n + 9)');
}

async function violations(builder: AxeBuilder): Promise<unknown[]> {
  const found = await builder.analyze();
  return found.violations.map(({ id, impact, nodes }) => ({
    id,
    impact,
    html: nodes.map(({ html }) => html),
  }));
}

test('the keyboard reaches every control, visibly', async () => {
  const { page } = await visit({ viewport: { width: 400, height: 900 } }, result, 'any');
  const reached = new Set<string>();
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press('Tab');
    const [name, outline] = await page.evaluate<[string, string]>(
      `[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]`,
    );
    if (name === 'BODY') break;
    expect(outline, name).toBe('solid');
    reached.add(name);
  }
  expect([...reached].sort()).toEqual(['A', 'BUTTON', 'DIV', 'INPUT', 'SELECT', 'SUMMARY']);
  await page.context().close();
});

test('the colours of figures follow the reader, without scripts', async () => {
  const fills = await Promise.all(
    (['light', 'dark'] as const).map(async (colorScheme) => {
      const { page } = await visit({ colorScheme, javaScriptEnabled: false });
      const fill: unknown = await page.evaluate(
        `getComputedStyle(document.querySelector('.chart.wide svg text')).fill`,
      );
      await page.context().close();
      return fill;
    }),
  );
  expect(fills[0]).not.toEqual(fills[1]);
});

describe('names are data', () => {
  const hostile = [
    '</script><script>window.hacked = 1</script>',
    '<img src=x onerror="window.hacked = 1">',
    `"'><svg onload=window.hacked=1>`,
    '\u202eesrever\u202c \u200f שלום',
    '😀 $& $1 \\u003c &amp; {{x}}',
    'x'.repeat(10_000),
  ];

  test('whatever they contain', async () => {
    const [template] = result.rows;
    if (template === undefined) throw new Error('The sample has no rows.');
    const accuracyOf = (name: string) => ({
      ...{ top1: 77, error: 0.1, origin: 'imported' as const },
      ...{ series: name, source: name },
    });
    const shown: BenchResult = {
      ...result,
      warnings: hostile,
      command: ['ecfx', ...hostile],
      machine: { ...result.machine, cpu: hostile.join(' ') },
      versions: { ...result.versions, ...Object.fromEntries(hostile.map((name) => [name, name])) },
      rows: [
        ...result.rows,
        ...hostile.flatMap((name) => [
          { ...template, variant: name, accuracy: accuracyOf(name) },
          { ...template, variant: `${name}2`, device: name, error: name },
        ]),
      ],
    };
    const { page, noise } = await visit({ viewport: { width: 400, height: 900 } }, shown);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect(JSON.parse(embeddedResult(await page.content()))).toEqual(shown);
    const cautions = await page.locator('.cautions').innerText();
    for (const name of hostile)
      expect(cautions).toContain(name.replaceAll(/[\u200f\u202c\u202e]/g, '').slice(0, 3));
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0);
    expect(noise).toEqual([]);
    await page.context().close();
  });
});

describe('what a reader can do', () => {
  const wide = { viewport: { width: 1280, height: 900 } };
  const faded = async (page: Page): Promise<number> =>
    page.locator(`.chart.wide ${symbols}[opacity="0.1"]`).count();

  test('a point that is clicked singles out its variant in every figure and table, once more lets go', async () => {
    const { page, noise } = await visit(wide);
    expect(await faded(page)).toBe(0);
    const point = page.locator(`#speed-up-inference ~ figure .chart.wide ${symbols} >> nth=1`);
    await point.click();
    await page.locator('tr.singled-out').first().waitFor({ state: 'attached' });
    expect(await page.locator('select[name="highlight"]').inputValue()).toBe('1');
    for (const figure of ['speed-up', 'rounds', 'parameters', 'course']) {
      const marks = page.locator(`#${figure}-inference ~ figure .chart.wide ${symbols}[opacity="0.1"]`);
      await marks.first().waitFor({ state: 'attached' });
    }
    expect(await page.locator('section[aria-labelledby="results"] tr.singled-out').innerText()).toMatch(
      /^b0:gn4/,
    );
    expect(page.url()).toContain('variant=efficientnet-b0%3Agn4');
    await point.click();
    expect(await page.locator('select[name="highlight"]').inputValue()).toBe('');
    await expect.poll(() => faded(page)).toBe(0);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('by keyboard: single out, let go, other axes', async () => {
    const { page, noise } = await visit(wide);
    await page.locator('select[name="highlight"]').focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => faded(page)).toBeGreaterThan(0);
    expect(await page.locator('#toolbar output').innerText()).toMatch(/img\/s/);
    await page.keyboard.press('Escape');
    await expect.poll(() => faded(page)).toBe(0);
    await page.locator('input[value="log"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.chart.wide[data-interactive="linear"]').first().waitFor();
    expect(page.url()).toContain('axes=linear');
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('an address shows what its sender saw', async () => {
    const { page, noise } = await visit(wide);
    await page.goto(`${page.url()}#parameters-inference?axes=linear&variant=efficientnet-b0%3Agn4`);
    await page.reload();
    await drawAll(page);
    expect(await page.locator('.chart.wide[data-interactive="linear"]').count()).toBeGreaterThan(0);
    expect(await page.locator('select[name="highlight"]').inputValue()).toBe('1');
    expect(await page.locator('#rounds-inference .permalink').getAttribute('href')).toBe(
      '#rounds-inference?axes=linear&variant=efficientnet-b0%3Agn4',
    );
    expect(noise).toEqual([]);
    await page.context().close();
  });

  test('tables sort by number, and show what contains a word; remarks stay with their rows', async () => {
    const { page } = await visit(wide, result, 'any');
    const section = page.locator('section[aria-labelledby="results"]');
    const speeds = async () =>
      (await section.locator('tbody tr:not(.note):visible').allInnerTexts()).map(
        (text) => text.split('\t')[3],
      );
    await section.locator('th', { hasText: 'speed' }).locator('button').click();
    const ascending = (await speeds()).map((text) => parseFloat(text ?? ''));
    expect(ascending.slice(0, -1)).toEqual(ascending.slice(0, -1).toSorted((a, b) => a - b));
    expect(ascending.at(-1)).toBeNaN();
    expect(await section.locator('th[aria-sort="ascending"]').count()).toBe(1);
    await section.locator('input[type="search"]').fill('b7 memory');
    expect(await section.locator('tbody tr:visible').count()).toBe(2);
    await page.context().close();
  });

  test('what is missing for a verdict is said in red, and gone when it is there', async () => {
    const few = await visit(wide, result, 'any');
    expect(await few.page.locator('.missing').innerText()).toContain(
      'with 5 rounds: no verdicts; they need six rounds or more',
    );
    await few.page.context().close();
    const enough = await visit(wide, sampleBenchResult({ rounds: 8 }), 'any');
    expect(await enough.page.locator('.missing', { hasText: 'rounds' }).count()).toBe(0);
    expect(await enough.page.locator('.verdicts li').count()).toBe(5);
    await enough.page.context().close();
  });
});

describe('a result with everything', () => {
  const full = everything;

  test('draws each figure with the marks that its data call for', async () => {
    const { page, noise } = await visit({ viewport: { width: 1280, height: 900 } }, full);
    const marks = (id: string, of = symbols) => page.locator(`#${id} ~ figure .chart.wide ${of}`).count();
    const training = full.rows.filter(({ mode }) => mode === 'training');
    const principal = full.rows.filter(
      ({ mode, engine, batch }) => mode === 'inference' && engine === 'onnxruntime' && batch === 16,
    );
    expect(await marks('speed-up-training-1')).toBe(training.length);
    expect(await marks('memory-training-1')).toBe(training.length);
    expect(await marks('memory-training-1', '.mark-rect.role-mark path')).toBe(8 * training.length);
    expect(await marks('parameters-inference-2')).toBe(principal.length);
    // Each round, and all of them together.
    expect(await marks('rounds-inference-2')).toBe((8 + 1) * (principal.length - 1));
    // The time of each process, the clock, what other processes used, and the legend.
    expect(await marks('course-inference-2')).toBe((3 * 8 + 1) * principal.length);
    expect(await marks('blocks-inference-2', '.mark-line.role-mark path')).toBe(2 * 8 * 4);
    expect(await marks('latency-inference-2', '.mark-area.role-mark path')).toBe(principal.length);
    expect(await marks('engines-inference')).toBe(6);
    // Two variants at four batches in two panels, and the batch that did not fit.
    expect(await marks('batch-inference')).toBe(2 * 2 * 4 + 1);
    expect(noise).toEqual([]);
    await page.locator('input[name="accelerator"]').check();
    await page
      .locator(`#front-page-training-1 ~ figure .chart.wide ${symbols}[opacity="0.75"]`)
      .first()
      .waitFor();
    await page.context().close();
  });
});

describe('30 variants, two modes and two engines with all samples', () => {
  const large = largeResult();

  test('are less than 2.6 MB, with every time', async () => {
    const html = await renderPage(large, sampleBackground(large));
    expect(Buffer.byteLength(html)).toBeLessThan(2.6e6);
    expect(JSON.parse(embeddedResult(html))).toEqual(large);
  });
});

test('a page that loads itself anew keeps what was unfolded and where the reader was; another reader begins at the top', async () => {
  const path = join(folder, 'watched.html');
  const write = async (isWatched: boolean) => {
    const watched = isWatched ? { sentence: 'Still being measured.', reloadSeconds: 3600 } : undefined;
    await writeFile(path, await renderPage(result, sampleBackground(result), watched));
  };
  await write(true);
  const page = await openPage(browser, { viewport: { width: 1280, height: 900 } }, async (opened) => {
    await opened.goto(pathToFileURL(path).href);
  });
  const placeOf = (reader: Page) =>
    reader.evaluate<[number, string[]]>(
      `[scrollY, [...document.querySelectorAll('details[open]')].map((details) => details.closest('section').innerText.split('\\n')[0])]`,
    );
  await page.locator('main summary').nth(1).click();
  // What browsers remember of a page by themselves is not what is tested.
  await page.evaluate(`history.scrollRestoration = 'manual'; scrollTo(0, 1234)`);
  const before = await placeOf(page);
  expect(before).toEqual([1234, [expect.stringMatching(/./)]]);
  await page.reload();
  expect(await page.locator('.watched').innerText()).toBe('Still being measured.');
  expect(await placeOf(page)).toEqual(before);

  const other = await page.context().newPage();
  await other.goto(page.url());
  expect(await placeOf(other)).toEqual([0, []]);

  // The last page of the run takes the place over, and does not keep it.
  await write(false);
  await page.reload();
  expect(await page.locator('.watched').count()).toBe(0);
  expect((await placeOf(page))[1]).toEqual(before[1]);
  await page.reload();
  expect(await placeOf(page)).toEqual([0, []]);
  await page.context().close();
});

test('the committed notices are those of what is bundled', async () => {
  const committed = await readFile(join(root, 'THIRD-PARTY-NOTICES.md'), 'utf8');
  const bundled = await readFile(join(root, 'dist', 'reports', 'page', 'client-notices.txt'), 'utf8');
  expect(committed).toContain(bundled);
  expect(bundled).toMatch(/vega \d/);
  expect(bundled).toMatch(/d3-scale \d/);
});

test('nothing measured, and nothing at all, are pages too', async () => {
  for (const rows of [result.rows.filter(({ error }) => error !== undefined), []]) {
    const { page, noise } = await visit({}, { ...result, rows });
    expect(await page.locator('h1').count()).toBe(1);
    expect(noise).toEqual([]);
    await page.context().close();
  }
});
