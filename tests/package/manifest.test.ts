import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createManifest } from '../../scripts/manifest.mjs';
import { projectRoot } from '../support/cli.ts';

test('the built list of commands is what a fresh look at the commands finds', async () => {
  const built: unknown = JSON.parse(readFileSync(join(projectRoot, 'oclif.manifest.json'), 'utf8'));
  const fresh: unknown = JSON.parse(JSON.stringify(await createManifest(projectRoot)));
  expect(built).toEqual(fresh);
});
