import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { packageFile } from '../../package-root.ts';
import type { RunHeader } from '../../results/schema.ts';

/** The commit of ecfx itself, where it runs from a checkout and git is there; null otherwise. */
export function currentCommit(): NonNullable<RunHeader['commit']> | null {
  if (!existsSync(packageFile('.git'))) return null;
  const hash = git('rev-parse', 'HEAD');
  if (hash === null) return null;
  const changes = git('status', '--porcelain', '--untracked-files=no');
  return { hash, modified: changes === null ? null : changes !== '' };
}

function git(...args: string[]): string | null {
  try {
    const output = execFileSync('git', ['--no-optional-locks', '-C', packageFile(), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
    return output.trim();
  } catch {
    return null;
  }
}
