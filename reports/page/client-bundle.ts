import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { EcfxError } from '../../src/errors.ts';
import { packageFile } from '../../src/package-root.ts';

export interface ClientBundle {
  /** One script without imports, for inlining. */
  readonly script: string;
  /** Licences of what is bundled in it, which must travel with it. */
  readonly notices: string;
}

/** Reads what the build bundled; the same from the sources and from the installed package. */
export async function loadClientBundle(): Promise<ClientBundle> {
  const [script, notices] = await Promise.all([read('client.js'), read('client-notices.txt')]);
  return { script, notices };
}

async function read(file: string): Promise<string> {
  const path = packageFile('dist', 'reports', 'page', file);
  if (!existsSync(path)) {
    throw new EcfxError('failure', `${path} is missing: this copy of ecfx was not built`, {
      suggestions: ['npm run build'],
    });
  }
  return readFile(path, 'utf8');
}
