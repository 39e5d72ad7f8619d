import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isStillWriting, thisWriter } from '../../src/bench/writer.ts';

const host = os.hostname();

/** A process that waits, with a word in its command. */
async function waitingProcess(word: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', word], { stdio: 'ignore' });
  onTestFinished(() => void child.kill());
  await once(child, 'spawn');
  return child.pid!;
}

describe('isStillWriting', () => {
  it('is false of this process, which resumes its own run, and of one on another machine', () => {
    expect(isStillWriting(thisWriter())).toBe(false);
    expect(isStillWriting({ host: `not-${host}`, pid: 1 })).toBe(false);
  });

  it('is false of a process that has ended', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isStillWriting({ host, pid })).toBe(false);
  });

  it('is true of a benchmark that runs', async () => {
    expect(isStillWriting({ host, pid: await waitingProcess('bench') })).toBe(true);
  });

  it.runIf(process.platform === 'linux')('is false of another program that got its number', async () => {
    expect(isStillWriting({ host, pid: await waitingProcess('other') })).toBe(false);
  });
});
