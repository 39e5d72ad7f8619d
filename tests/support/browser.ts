/**
 * A Chromium for tests that comes from the npm registry alone, so that `npm ci && npm test` is enough on a new machine.
 *
 * @sparticuz/chromium carries the headless shell, the NSS libraries that minimal systems lack, and a font, each
 * compressed with brotli.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { isForThisPlatform, libraryPath, unpacked, untar } from './chromium-package.ts';

/** Headless, silent, and without a single request of Chromium's own. Chromium's sandbox refuses to run as root. */
const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
];

interface Installation {
  readonly executablePath: string;
  readonly environment: Record<string, string>;
}

/** Starts a browser; the caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, environment } = isForThisPlatform ? await bundledChromium() : systemChromium();
  return chromium.launch({ executablePath, args: launchArguments, env: { ...inherited(), ...environment } });
}

/**
 * A page in a fresh profile that cannot reach any network, after `prepare`; the caller closes its context. Seldom, on a busy
 * machine, the headless shell opens a page that answers but never gets a frame, so that whatever waits for one waits for
 * ever. That is told apart from a fault of what is shown, and another page is opened.
 *
 * @throws Whatever `prepare` throws on a page that does get frames, and on the third that does not.
 */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void>,
): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    const context = await browser.newContext({ offline: true, ...options });
    const page = await context.newPage();
    try {
      await prepare(page);
      return page;
    } catch (error) {
      if (attempt === 3 || options.javaScriptEnabled === false || (await getsFrames(page))) throw error;
      await context.close();
    }
  }
}

async function getsFrames(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    `new Promise((resolve) => { requestAnimationFrame(() => resolve(true)); setTimeout(resolve, 10_000, false); })`,
  );
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function systemChromium(): Installation {
  const executablePath = process.env['ECFX_CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(
      `The bundled Chromium is for Linux x64. Set ECFX_CHROMIUM to a Chromium or Chrome (looked for ${executablePath}).`,
    );
  }
  return { executablePath, environment: {} };
}

async function bundledChromium(): Promise<Installation> {
  const home = await unpacked('chromium', unpackChromium);
  return {
    executablePath: join(home, 'chromium'),
    environment: {
      LD_LIBRARY_PATH: libraryPath(join(home, 'lib')),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  };
}

async function unpackChromium(archives: string, staging: string, home: string): Promise<void> {
  await pipeline(
    createReadStream(join(archives, 'chromium.br')),
    createBrotliDecompress({ chunkSize: 2 ** 21 }),
    createWriteStream(join(staging, 'chromium'), { mode: 0o755 }),
  );
  untar(join(archives, 'al2023.tar.br'), staging);
  untar(join(archives, 'fonts.tar.br'), staging);
  await writeFile(join(staging, 'fonts.conf'), fontConfiguration(home));
}

/** Only the bundled font, so that text is as wide on every machine. */
function fontConfiguration(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts')}</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
