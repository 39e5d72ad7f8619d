import os from 'node:os';
import type { Machine } from '../../results/machine-schema.ts';
import { readControlGroup } from './control-group.ts';
import { finiteNumber, SystemFiles } from './files.ts';
import { readCaches, readClockPolicy, readProcessor, readTopology } from './processor.ts';

/** Facts about this machine that a result needs to be judged by. */
export async function machineFacts(): Promise<Machine> {
  return os.platform() === 'linux' ? linuxFacts(new SystemFiles()) : describedFacts();
}

/** From the kernel's own files. */
export function linuxFacts(files: SystemFiles): Machine {
  const { cpuLimit, memoryLimitBytes } = readControlGroup(files);
  const memory = finiteNumber(/^MemTotal:\s+(\d+) kB$/m.exec(files.text('proc/meminfo') ?? '')?.[1]);
  const memoryBytes = memory === null ? null : memory * 1024;
  const isLimit = memoryLimitBytes !== null && (memoryBytes === null || memoryLimitBytes < memoryBytes);
  return {
    ...commonFacts(),
    ...readProcessor(files),
    ...readTopology(files),
    ...readClockPolicy(files),
    caches: readCaches(files),
    memoryBytes,
    memoryLimitBytes: isLimit ? memoryLimitBytes : null,
    cpuLimit,
    loadAverage: finiteNumber(files.text('proc/loadavg')?.split(' ')[0]),
  };
}

/** From the systeminformation library, which asks macOS and Windows; it writes 0 or nothing for what it does not know. */
async function describedFacts(): Promise<Machine> {
  const { default: systeminformation } = await import('systeminformation');
  const [cpu, system] = await Promise.all([systeminformation.cpu(), systeminformation.system()]);
  const { l1d, l1i, l2, l3 } = cpu.cache;
  const caches = (
    [
      [1, 'data', l1d],
      [1, 'instruction', l1i],
      [2, 'unified', l2],
      [3, 'unified', l3],
    ] as const
  ).flatMap(([level, kind, bytes]) => (bytes > 0 ? [{ level, kind, bytes, sharedBy: null }] : []));
  return {
    ...commonFacts(),
    cpu: `${cpu.manufacturer} ${cpu.brand}`.trim() || null,
    physicalCores: cpu.physicalCores || null,
    instructionSets: cpu.flags === '' ? null : cpu.flags.toLowerCase().split(/\s+/),
    caches: caches.length === 0 ? null : caches,
    maximumClockHertz: cpu.speedMax > 0 ? cpu.speedMax * 1e9 : null,
    governor: cpu.governor || null,
    virtualMachine: system.virtual,
    memoryBytes: os.totalmem(),
    memoryLimitBytes: null,
    loadAverage: os.platform() === 'win32' ? null : (os.loadavg()[0] ?? null),
  };
}

function commonFacts() {
  return {
    architecture: os.arch(),
    logicalCores: os.availableParallelism(),
    operatingSystem: `${os.type()} ${os.release()}`,
  };
}
