/**
 * What @sparticuz/chromium carries, unpacked. Its own functions unpack into the shared temporary folder under fixed
 * names and take a half-written file there for a finished one, so we unpack ourselves: into the package root's
 * `.browser`, under the package's version, and visible only when complete.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The package's files are programs for this platform only. */
export const isForThisPlatform = process.platform === 'linux' && process.arch === 'x64';

/**
 * The folder `.browser/<name>-<version>`, which `fill` fills once from the package's archives: it gets the folder they
 * are in, a folder to write to, and the one that this will become. Several test files may get here at once: each
 * unpacks for itself, the first to finish wins.
 */
export async function unpacked(
  name: string,
  fill: (archives: string, staging: string, home: string) => Promise<void> | void,
): Promise<string> {
  // Resolves to build/esm/index.js in the package.
  const packageRoot = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', '..');
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = join(projectRoot, '.browser', `${name}-${version}`);
  if (existsSync(home)) return home;
  await mkdir(dirname(home), { recursive: true });
  const staging = await mkdtemp(`${home}-unpacking-`);
  try {
    await fill(join(packageRoot, 'bin'), staging, home);
    await rename(staging, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return home;
}

/** The archives hold few megabytes: decompressed in memory. */
export function untar(archive: string, folder: string): void {
  const input = brotliDecompressSync(readFileSync(archive));
  execFileSync('tar', ['-x', '--no-same-owner', '-C', folder], {
    input,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

/** The libraries in `folder`, before those that this process already looks for. */
export function libraryPath(folder: string): string {
  return [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
}
