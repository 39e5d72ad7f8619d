import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { renderPage } from '../../reports/page/page.ts';
import { benchTable } from '../../reports/tables/bench-table.ts';
import { terminalTable } from '../../reports/tables/terminal.ts';
import { markdownTable } from '../../reports/tables/markdown.ts';
import { csvTable } from '../../reports/tables/csv.ts';
import { sampleBenchResult } from '../support/sample-bench-result.ts';
import { studySample } from '../support/study-sample.ts';
import { launchBrowser, offlineContext } from '../support/browser.ts';
test('shot', async () => {
  const t = benchTable(sampleBenchResult());
  writeFileSync('/tmp/shots/tables.txt', terminalTable(t) + '\n' + markdownTable(t) + '\n' + csvTable(t));
  const b = await launchBrowser();
  for (const variants of ['quick', 'sizes'] as const) {
    const html = await renderPage(sampleBenchResult({ variants }), studySample());
    writeFileSync(`/tmp/shots/${variants}.html`, html);
    for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [400, 'light'], [400, 'dark'], [768, 'light']] as const) {
      for (const javaScriptEnabled of [true]) {
      const c = await offlineContext(b, { viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
      const p = await c.newPage();
      p.on('console', (m) => console.log(m.text())); p.on('pageerror', (e) => console.log(String(e)));
      await p.goto(`file:///tmp/shots/${variants}.html`);
      await p.waitForTimeout(900);
      await p.screenshot({ path: `/tmp/shots/${variants}-${width}-${colorScheme}${javaScriptEnabled ? '' : '-nojs'}.png`, fullPage: true });
      if (width === 768) { await p.setViewportSize({ width: 720, height: 900 }); await p.emulateMedia({ media: 'print', colorScheme: 'dark' }); await p.evaluate(`dispatchEvent(new Event('beforeprint'))`); await p.screenshot({ path: `/tmp/shots/${variants}-print.png`, fullPage: true }); await p.emulateMedia({ media: 'screen' }); await p.setViewportSize({ width: 400, height: 900 }); await p.locator('details table').first().scrollIntoViewIfNeeded(); await p.screenshot({ path: `/tmp/shots/${variants}-400-table.png` }); await p.setViewportSize({ width: 1280, height: 900 });}
      if (javaScriptEnabled) for (const i of [0, 1]) await p.locator('figure').nth(i).screenshot({ path: `/tmp/shots/fig${i}-${variants}-${width}-${colorScheme}.png` });
      await c.close();
      }
    }
  }
  await b.close();
}, 120000);
