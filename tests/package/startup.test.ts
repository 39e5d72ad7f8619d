import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ecfx, projectRoot, temporaryFolder } from '../support/cli.ts';

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The packages and the files of ours that a run loads: V8's coverage names every script of the process. */
async function loadedBy(args: readonly string[]): Promise<{ packages: string[]; files: string[] }> {
  const folder = temporaryFolder();
  const run = await ecfx(args, { env: { NODE_V8_COVERAGE: folder } });
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });

  const packages = new Set<string>();
  const files: string[] = [];
  for (const record of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, record), 'utf8')) as Coverage;
    for (const { url } of result.filter((script) => script.url.startsWith('file:'))) {
      const path = fileURLToPath(url);
      const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
      if (name !== undefined) packages.add(name);
      else files.push(path.slice(projectRoot.length));
    }
  }
  return { packages: [...packages].sort(), files: files.sort() };
}

const engines = /^(onnxruntime-.*|@tensorflow\/.*)$/;
const plots = /^(vega.*|@resvg\/.*)$/;

function matching(packages: readonly string[], ...patterns: readonly RegExp[]): string[] {
  return packages.filter((name) => patterns.some((pattern) => pattern.test(name)));
}

describe('a start loads no more than it needs', () => {
  test('ecfx --help: oclif and the executable', async () => {
    const { packages, files } = await loadedBy(['--help']);
    expect(packages).toContain('@oclif/core');
    expect(matching(packages, engines, plots, /^(zod|protobufjs|cli-table3|simple-statistics)$/)).toEqual([]);
    expect(files).toEqual(['bin/ecfx.js']);
  });

  test('the help of a command: the same, with the list of commands in place of the commands', async () => {
    const { files } = await loadedBy(['flops', '--help']);
    expect(files).toEqual(['bin/ecfx.js']);
  });

  test('ecfx flops: neither engines nor plots', async () => {
    const { packages, files } = await loadedBy(['flops', 'efficientnet-b0']);
    expect(files).toContain('dist/commands/flops.js');
    expect(matching(packages, engines, plots)).toEqual([]);
  });
});
