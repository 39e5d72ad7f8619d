/**
 * A Chromium for tests that comes from the npm registry alone, so that `npm ci && npm test` is enough on a new machine.
 *
 * @sparticuz/chromium carries the headless shell, the NSS libraries that minimal systems lack, and a font, each
 * compressed with brotli. Its own `executablePath()` unpacks into the shared temporary folder under fixed names and
 * takes a half-written file there for a finished one, so we unpack ourselves: into the package root's `.browser`,
 * under the package's version, and visible only when complete.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

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
  const { executablePath, environment } =
    process.platform === 'linux' && process.arch === 'x64' ? await bundledChromium() : systemChromium();
  return chromium.launch({ executablePath, args: launchArguments, env: { ...inherited(), ...environment } });
}

/** A fresh profile that cannot reach any network. */
export async function offlineContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  return browser.newContext({ offline: true, ...options });
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
  // Resolves to build/esm/index.js in the package.
  const packageRoot = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', '..');
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = join(projectRoot, '.browser', `chromium-${version}`);
  if (!existsSync(home)) await unpack(join(packageRoot, 'bin'), home);
  const libraries = [join(home, 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return {
    executablePath: join(home, 'chromium'),
    environment: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
}

/** Several test files may get here at once: each unpacks for itself, the first to finish wins. */
async function unpack(archives: string, home: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  const staging = await mkdtemp(`${home}-unpacking-`);
  try {
    await pipeline(
      createReadStream(join(archives, 'chromium.br')),
      createBrotliDecompress({ chunkSize: 2 ** 21 }),
      createWriteStream(join(staging, 'chromium'), { mode: 0o755 }),
    );
    untar(join(archives, 'al2023.tar.br'), staging);
    untar(join(archives, 'fonts.tar.br'), staging);
    await writeFile(join(staging, 'fonts.conf'), fontConfiguration(home));
    await rename(staging, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The archives hold few megabytes: decompressed in memory. */
function untar(archive: string, folder: string): void {
  const input = brotliDecompressSync(readFileSync(archive));
  execFileSync('tar', ['-x', '--no-same-owner', '-C', folder], {
    input,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
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
