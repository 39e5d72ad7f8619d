import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CliRun, projectRoot, runProgram, suiteFolder } from '../support/cli.ts';

describe('the packed package in an empty folder', () => {
  const folder = suiteFolder();
  const home = join(folder, 'home');

  const installed = (...args: string[]): Promise<CliRun> =>
    runProgram(join(folder, 'node_modules', '.bin', 'ecfx'), args, {
      cwd: folder,
      env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache') },
    });

  beforeAll(async () => {
    mkdirSync(home);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
    // The tests run on a finished build; packing must not replace it under their feet.
    await npm(projectRoot, 'pack', '--ignore-scripts', '--pack-destination', folder);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    // As a user would, but for onnxruntime-node's download of CUDA libraries, which needs another network.
    await npm(folder, 'install', `./${tarball}`, '--prefer-offline');
  });

  test('says its version', async () => {
    const run = await installed('--version');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toMatch(/^ecfx\/\d+\.\d+\.\d+/);
  });

  test('lists its commands', async () => {
    const { stdout } = await installed('--help');
    for (const command of ['bench', 'flops', 'models', 'report', 'export'])
      expect(stdout).toContain(`  ${command} `);
  });

  test('counts a network', async () => {
    const { stdout } = await installed('flops', 'efficientnet-b0', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'ecfx.flops/1', variants: [{ macs: 385_814_752 }] });
  });

  test('completes commands and flags in bash', async () => {
    expect(await installed('autocomplete', 'bash', '--refresh-cache')).toMatchObject({ exitCode: 0 });
    const setup = await installed('autocomplete', 'script', 'bash');
    expect(setup).toMatchObject({ exitCode: 0, stderr: '' });

    const complete = async (...words: string[]): Promise<string[]> => {
      const script = `${setup.stdout}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
        _ecfx_autocomplete; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await runProgram('bash', ['--norc', '-c', script], { cwd: folder });
      return stdout.trim().split(/\s+/);
    };
    expect(await complete('ecfx', 'flo')).toEqual(['flops']);
    expect(await complete('ecfx', 'flops', '--js')).toEqual(['--json']);
  });
});

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const run = await runProgram('npm', args, { cwd, env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } });
  if (run.exitCode !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${run.stderr}`);
}
