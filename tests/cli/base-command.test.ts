import { CLIError, ExitError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { EcfxError, type ErrorKind } from '../../src/errors.ts';
import { projectRoot } from '../support/cli.ts';

interface EchoResult {
  readonly schema: 'ecfx.echo/1';
  readonly batch: number;
}

/** Prints, notes and returns its flag; fails first when told so. */
class Echo extends BaseCommand<EchoResult> {
  static override id = 'echo';
  static override flags = { batch: Flags.integer({ min: 1, default: 1 }) };
  static failure: Error | undefined;

  async run(): Promise<EchoResult> {
    const { flags } = await this.parse(Echo);
    if (Echo.failure) throw Echo.failure;
    this.note('working');
    this.print(`batch ${flags.batch}`);
    return { schema: 'ecfx.echo/1', batch: flags.batch };
  }
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** What reaches oclif's last handler, which prints it and ends the process. */
  readonly thrown: unknown;
}

async function echo(...argv: string[]): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  vi.spyOn(console, 'log').mockImplementation((...parts) => void (stdout += `${parts.join(' ')}\n`));
  vi.spyOn(console, 'error').mockImplementation((...parts) => void (stderr += `${parts.join(' ')}\n`));
  let thrown: unknown;
  try {
    await Echo.run(argv, { root: projectRoot });
  } catch (error) {
    thrown = error;
  }
  return { stdout, stderr, exitCode: process.exitCode as number | undefined, thrown };
}

beforeEach(() => {
  Echo.failure = undefined;
  vi.stubEnv('DEBUG', undefined);
});

afterEach(() => {
  process.exitCode = undefined;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('output', () => {
  test('the result goes to standard output, notes to standard error', async () => {
    expect(await echo('--batch', '4')).toMatchObject({ stdout: 'batch 4\n', stderr: 'working\n' });
  });

  test('--quiet leaves the result', async () => {
    expect(await echo('--quiet')).toMatchObject({ stdout: 'batch 1\n', stderr: '' });
  });

  test('--json prints one document and nothing else', async () => {
    const { stdout, stderr } = await echo('--json');
    expect(JSON.parse(stdout)).toEqual({ schema: 'ecfx.echo/1', batch: 1 });
    expect(stderr).toBe('');
  });

  test('--color and --no-color are accepted', async () => {
    expect((await echo('--no-color')).thrown).toBeUndefined();
    expect((await echo('--color')).thrown).toBeUndefined();
  });
});

describe('failures', () => {
  const codes: [ErrorKind, number][] = [
    ['failure', 1],
    ['usage', 2],
    ['input', 3],
    ['unavailable', 4],
    ['check', 5],
  ];

  test.each(codes)('%s ends with %i, message and suggestions for a person', async (kind, exit) => {
    Echo.failure = new EcfxError(kind, 'It broke.', { suggestions: ['mend it'], cause: new Error('rust') });
    const { thrown } = await echo();
    expect(thrown).toBeInstanceOf(CLIError);
    expect(thrown).toMatchObject({ message: 'It broke.', suggestions: ['mend it'], oclif: { exit } });
    expect(thrown).not.toHaveProperty('cause');
  });

  test.each(codes)('%s with --json ends with %i too, and prints a document', async (kind, exit) => {
    Echo.failure = new EcfxError(kind, 'It broke.', { suggestions: ['mend it'] });
    const { stdout, exitCode, thrown } = await echo('--json');
    expect(thrown).toBeUndefined();
    expect(exitCode).toBe(exit);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'ecfx.error/1',
      error: { message: 'It broke.', kind, suggestions: ['mend it'] },
    });
  });

  test('a flag out of its range is a usage error, said in one line', async () => {
    const { stdout, exitCode } = await echo('--batch', '0', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        kind: 'usage',
        message: '--batch: Expected an integer greater than or equal to 1 but received: 0 (see --help)',
      },
    });
  });

  test('an unforeseen error ends with 1 and says how to see more', async () => {
    Echo.failure = new TypeError('x is not a function');
    expect((await echo()).thrown).toMatchObject({
      message: 'x is not a function',
      oclif: { exit: 1 },
      suggestions: [expect.stringContaining('ECFX_DEBUG=1')],
    });
    expect(await echo('--json')).toMatchObject({ exitCode: 1, thrown: undefined });
  });

  test('debugging shows the error itself, with its causes', async () => {
    vi.stubEnv('ECFX_DEBUG', '1');
    Echo.failure = new EcfxError('input', 'It broke.', { cause: new Error('rust') });
    const { thrown } = await echo();
    expect(thrown).toBe(Echo.failure);
    expect(thrown).toMatchObject({ oclif: { exit: 3 } });
  });

  test('a deliberate exit is no error', async () => {
    Echo.failure = new ExitError(0);
    const { stdout, thrown } = await echo('--json');
    expect(thrown).toBe(Echo.failure);
    expect(stdout).toBe('');
  });
});
