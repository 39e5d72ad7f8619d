import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { native } from '../../../src/engines/tensorflow/native/source.ts';

const name = '@tensorflow/tfjs-node';
const home = mkdtempSync(join(tmpdir(), 'ecfx-tfjs-node-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A project in which the package's main file is `main`. */
function projectWith(project: string, main: string): string {
  const folder = join(home, project, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'main.js' }));
  writeFileSync(join(folder, 'main.js'), main);
  return join(home, project, 'package.json');
}

const sourceFrom = (project: string, limitSeconds = 60) => native(name, { from: [project], limitSeconds });

describe('a native library that is not to be had is told apart', () => {
  it.each<[string, string, number | undefined, RegExp, RegExp]>([
    ['hangs at load', 'for (;;);', 1, /had not loaded after 1 seconds/, /nvidia-smi/],
    ['kills', "process.kill(process.pid, 'SIGILL');", 60, /ends the process that loads it \(SIGILL\)/, /AVX/],
    ['throws', "throw new Error('no such thing')", 60, /does not load: no such thing/, /npm rebuild/],
  ])('%s', async (kind, main, limit, message, remedy) => {
    const error = await sourceFrom(projectWith(kind, main), limit)
      .load(1)
      .catch((error: unknown) => error);
    expect(error).toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(message) as string,
      suggestions: expect.arrayContaining([expect.stringMatching(remedy)]) as string[],
    });
  });

  it('is absent', async () => {
    await expect(sourceFrom(join(home, 'package.json')).versions()).rejects.toMatchObject({
      kind: 'unavailable',
      message: `${name} is not installed`,
    });
  });
});

describe('the real package for Node, without libtensorflow', () => {
  const installed = join(home, 'real');

  beforeAll(() => {
    mkdirSync(installed);
    writeFileSync(join(installed, 'package.json'), '{}');
    // Scripts would download the library. npm has the package in its cache since it installed ecfx.
    const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
    execFileSync('npm', ['install', ...options, `${name}@4.22.0`], {
      cwd: installed,
      stdio: 'ignore',
      shell: process.platform === 'win32',
    });
  }, 180_000);

  /** A copy of the package, with `addon` where it looks for its native part; what it needs is shared. */
  function copyWith(project: string, addon: (file: string) => void): string {
    const modules = join(home, project, 'node_modules');
    mkdirSync(join(modules, '@tensorflow'), { recursive: true });
    cpSync(join(installed, 'node_modules', name), join(modules, name), { recursive: true });
    const folder = join(modules, name, 'lib', 'napi-v8');
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(installed, 'node_modules'), join(modules, name, 'node_modules'), 'junction');
    addon(join(folder, 'tfjs_binding.node'));
    return join(home, project, 'package.json');
  }

  it('says how to get the addon when the download failed', async () => {
    await expect(sourceFrom(join(installed, 'package.json')).load(1)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('without its native addon') as string,
      suggestions: expect.arrayContaining([`npm rebuild ${name}`]) as string[],
    });
  });

  it('says so when the addon is for another system', async () => {
    const project = copyWith('foreign', (file) => writeFileSync(file, 'not a shared library'));
    await expect(sourceFrom(project).load(1)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('does not load') as string,
      suggestions: expect.arrayContaining([expect.stringContaining('made for another system')]) as string[],
    });
  });

  it('is loaded and asked for groups when the addon answers', async () => {
    // Node takes a folder of that name for a module: an addon that loads and cannot compute.
    const project = copyWith('answers', (file) => {
      mkdirSync(file);
      writeFileSync(
        join(file, 'index.js'),
        `exports.TF_Version = '2.9.1';
         exports.isUsingGpuDevice = () => false;
         exports.createTensor = () => 1;
         exports.deleteTensor = () => {};
         exports.executeOp = () => { throw new Error('no kernel'); };`,
      );
    });
    const source = sourceFrom(project);
    expect(await source.versions()).toEqual({ [name]: '4.22.0', libtensorflow: '2.9.1' });
    expect(await source.hardware()).toEqual({ name: null, driver: null, isSoftware: false });
    const backend = await source.load(3);
    expect(backend.name).toBe('tensorflow');
    expect(backend.threads).toBe(3);
    expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('3');
    expect(backend.abilities.groupedConvolution).toBe(false);
  });
});
