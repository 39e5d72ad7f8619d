import os from 'node:os';
import { readControlGroup } from './control-group.ts';
import { finiteNumber, SystemFiles } from './files.ts';

/** Bytes that a new process can take without swapping and without breaking its control group's limit. */
export function availableMemory(files = new SystemFiles()): number {
  const kilobytes = finiteNumber(/^MemAvailable:\s+(\d+) kB$/m.exec(files.text('proc/meminfo') ?? '')?.[1]);
  const free = kilobytes === null ? os.freemem() : kilobytes * 1024;
  const { memoryLimitBytes, memoryUsedBytes } = readControlGroup(files);
  return memoryLimitBytes === null ? free : Math.min(free, memoryLimitBytes - (memoryUsedBytes ?? 0));
}

/** Bytes of memory that a process holds now; null where the system has no file for it, or the process is gone. */
export function residentMemory(pid: number, files = new SystemFiles()): number | null {
  const kilobytes = finiteNumber(/^VmRSS:\s+(\d+) kB$/m.exec(files.text(`proc/${pid}/status`) ?? '')?.[1]);
  return kilobytes === null ? null : kilobytes * 1024;
}
