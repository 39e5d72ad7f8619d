import os from 'node:os';
import type { Machine } from '../results/machine-schema.ts';

/** Facts about this machine that a result needs to be judged by. */
export function machineFacts(): Machine {
  const limit = process.constrainedMemory();
  return {
    cpu: cpuModel(),
    architecture: os.arch(),
    logicalCores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    // Without a limit Node reports 0, or about 2⁶⁴.
    memoryLimitBytes: limit && limit < os.totalmem() ? limit : null,
    operatingSystem: `${os.type()} ${os.release()}`,
    loadAverage: os.platform() === 'win32' ? null : (os.loadavg()[0] ?? null),
  };
}

/** Virtual machines and some ARM boards leave the name empty. */
function cpuModel(): string | null {
  const model = os.cpus()[0]?.model.trim() ?? '';
  return model === '' ? null : model;
}
