/** Builds all that is run or published: the compiled program, the report page's client, the list of commands. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createManifest } from './manifest.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestFile = join(root, 'oclif.manifest.json');

// A stale list would hide a new command, and a stale module would keep a deleted one alive.
rmSync(join(root, 'dist'), { recursive: true, force: true });
rmSync(manifestFile, { force: true });

const compiler = createRequire(import.meta.url).resolve('typescript-7/package.json');
run(join(dirname(compiler), 'bin', 'tsc'), '-p', 'tsconfig.build.json');
run(join(root, 'scripts', 'build-client.mjs'));

const manifest = await createManifest(root);
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);

/**
 * @param {string} script
 * @param {string[]} args
 */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
