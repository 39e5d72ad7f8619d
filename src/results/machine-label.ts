import type { Machine } from './machine-schema.ts';
import type { RunHeader } from './schema.ts';

/** Of a run: what decides whether its times may be put together with those of another. */
type Origin = Pick<RunHeader, 'machine' | 'versions' | 'devices'>;

/** Equal where rounds may be pooled: the same kind of machine, with the same versions of everything that computes. */
export function machineKey({ machine, versions, devices = [] }: Origin): string {
  return JSON.stringify([hardwareKey(machine), Object.entries(versions).sort(), devices]);
}

/** Equal for machines of one kind: processor, cores, memory, limits, operating system. */
export function hardwareKey(machine: Machine): string {
  const { cpu, architecture, logicalCores, memoryLimitBytes, operatingSystem, cpuLimit = null } = machine;
  const gibibytes = machine.memoryBytes === null ? null : Math.round(machine.memoryBytes / 2 ** 30);
  return JSON.stringify([
    cpu,
    architecture,
    logicalCores,
    gibibytes,
    memoryLimitBytes,
    cpuLimit,
    operatingSystem,
  ]);
}

/** `A`, `B`, … `Z`, `AA`. */
export function machineLabel(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : machineLabel(Math.floor(index / 26) - 1) + letter;
}
