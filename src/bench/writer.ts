import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { RunHeader } from '../results/schema.ts';

export type Writer = NonNullable<RunHeader['writer']>;

export function thisWriter(): Writer {
  return { host: os.hostname(), pid: process.pid };
}

/** Whether the process that wrote a run still does; false for one of another machine, which cannot be asked. */
export function isStillWriting({ host, pid }: Writer): boolean {
  if (host !== os.hostname() || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const command = commandLine(pid);
  // Numbers are given anew: somebody else may have it by now.
  return command === null || command.split('\0').includes('bench');
}

/** The words of a process's command, each ended by a zero; null where the system does not show them. */
function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return null;
  }
}
