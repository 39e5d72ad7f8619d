/** Runs the real program, as built, in processes of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface CliRun {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + the signal's number for a process that died of a signal, as a shell reports it. */
  readonly exitCode: number;
}

export interface CliOptions {
  /** Working directory; default: the project's root. */
  readonly cwd?: string;
  /** On top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for node itself. */
  readonly nodeOptions?: readonly string[];
  /** What the program reads from its standard input; default: nothing. */
  readonly input?: string;
  /** Called with each piece of output, to interrupt the program in the middle of its work. */
  readonly onOutput?: (text: string, interrupt: () => void) => void;
}

/** `ecfx …` as a child process. */
export function ecfx(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const script = join(projectRoot, 'bin', 'ecfx.js');
  return runProgram(process.execPath, [...(options.nodeOptions ?? []), script, ...args], options);
}

/** The one JSON document that a run with `--json` printed. */
export async function ecfxJson(args: readonly string[], options: CliOptions = {}): Promise<unknown> {
  const run = await ecfx([...args, '--json'], options);
  if (run.exitCode !== 0)
    throw new Error(`ecfx ${args.join(' ')} ended with ${run.exitCode}:\n${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Any program, with plain output whatever the environment of the tests is. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd = projectRoot, env, input, onOutput }: CliOptions = {},
): Promise<CliRun> {
  // A process group of its own, so that an interrupt reaches its workers too, as Ctrl-C in a terminal does.
  const child = spawn(program, args, { cwd, detached: true, env: { ...plainEnvironment(), ...env } });
  const interrupt = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  };
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      onOutput?.(text, interrupt);
    });
  }
  child.stdin.on('error', ignoreClosedPipe).end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ ...output, exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}

/** Without what the test runner sets: oclif would look for TypeScript sources under `NODE_ENV=test`. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const unwanted = new Set(['NODE_ENV', 'FORCE_COLOR', 'DEBUG']);
  const environment = Object.entries(process.env).filter(([name]) => !unwanted.has(name));
  return { ...Object.fromEntries(environment), NO_COLOR: '1' };
}

/** A program that ends without reading its input is no failure of the test. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** An empty folder for one test, removed when it ends. */
export function temporaryFolder(): string {
  const folder = newFolder();
  onTestFinished(() => {
    remove(folder);
  });
  return folder;
}

/** An empty folder for all tests of a `describe`, removed after the last. */
export function suiteFolder(): string {
  const folder = newFolder();
  afterAll(() => {
    remove(folder);
  });
  return folder;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ecfx-test-'));
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
