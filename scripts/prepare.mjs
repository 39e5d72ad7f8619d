/**
 * Builds after an install, where the tools for it are installed.
 *
 * `npx ecfx` in a clone runs this too, before `npm ci` as well, and an install without development dependencies does.
 * To fail then would break the install, and npx for good: it keeps the half-made link to this folder.
 */
import { createRequire } from 'node:module';

if (canBuild()) await import('./build.mjs');
else
  console.error('Nothing was built, for want of the development dependencies: `npm ci` installs and builds.');

function canBuild() {
  try {
    return createRequire(import.meta.url).resolve('typescript-7/package.json') !== '';
  } catch {
    return false;
  }
}
