import { fork } from 'node:child_process';
import { packageFile } from '../../../package-root.ts';

/** What a package for the native library turned out to be. */
export type Probe =
  | {
      readonly loads: true;
      /** Version of libtensorflow. */
      readonly tensorflow: string;
      readonly usesGpu: boolean;
      readonly groupedConvolution: boolean;
    }
  | { readonly loads: false; readonly code: string; readonly message: string }
  | { readonly loads: 'died'; readonly signal: string; readonly lastWords: string }
  | { readonly loads: 'hangs'; readonly seconds: number };

/**
 * Tries a package's main file in a process of its own: a library may be built for instructions that this processor does
 * not have, or wait for a device for ever.
 */
export function probePackage(mainFile: string, limitSeconds: number): Promise<Probe> {
  const child = fork(packageFile('dist', 'src', 'engines', 'tensorflow', 'native', 'worker.js'), [mainFile], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (chunk: string) => (lastWords = (lastWords + chunk).slice(-2000)));
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ loads: 'hangs', seconds: limitSeconds }), limitSeconds * 1000);
    const settle = (probe: Probe) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      resolve(probe);
    };
    child.once('message', (message) => settle(message as Probe));
    child.once('error', (error) => settle({ loads: false, code: '', message: error.message }));
    child.once('close', (code, signal) =>
      settle({ loads: 'died', signal: signal ?? `exit code ${code}`, lastWords: lastWords.trim() }),
    );
  });
}
