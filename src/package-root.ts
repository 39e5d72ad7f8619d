import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EcfxError } from './errors.ts';

/** A file that comes with ecfx (`fixtures/…`), as a path; the same from the sources and from the build. */
export function packageFile(...segments: string[]): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return join(root, ...segments);
}

/** The version of ecfx itself. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}

let root: string | undefined;

/** The nearest folder above whose `package.json` is ecfx's own. */
function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && nameIn(manifest) === 'ecfx') return folder;
    if (dirname(folder) === folder) {
      throw new EcfxError(
        'failure',
        `ecfx is not installed properly: no package.json of its own above ${start}`,
      );
    }
  }
}

function nameIn(manifest: string): unknown {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content ? content.name : undefined;
}
