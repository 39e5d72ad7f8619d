import type { Environment } from '../../results/machine-schema.ts';
import { readControlGroup } from './control-group.ts';
import { finiteNumber, SystemFiles } from './files.ts';
import { readClock, readTemperature, readThermalThrottles } from './processor.ts';

/** Counters of the machine at one moment; what happened between two moments is their difference. */
export interface MachineCounters {
  /** Seconds, of a clock that does not jump. */
  readonly at: number;
  /** Seconds over all cores. */
  readonly cpu: { readonly total: number; readonly busy: number; readonly steal: number } | null;
  /** Seconds in which some task waited. */
  readonly stalled: Readonly<Record<Resources, number | null>>;
  readonly throttledSeconds: number | null;
  readonly thermalThrottles: number | null;
  /** Of this process. */
  readonly ownCpuSeconds: number;
}

type Resources = 'cpu' | 'memory' | 'io';

export function readCounters(files = new SystemFiles()): MachineCounters {
  const { user, system } = process.cpuUsage();
  return {
    at: performance.now() / 1000,
    cpu: readCpuTimes(files),
    stalled: {
      cpu: stalledSeconds(files, 'cpu'),
      memory: stalledSeconds(files, 'memory'),
      io: stalledSeconds(files, 'io'),
    },
    throttledSeconds: readControlGroup(files).throttledSeconds,
    thermalThrottles: readThermalThrottles(files),
    ownCpuSeconds: (user + system) / 1e6,
  };
}

/** What else goes on at this moment. Load and pressure are the kernel's means over a minute and over ten seconds. */
export function environmentNow(files = new SystemFiles()): Environment {
  return {
    loadAverage: readLoadAverage(files),
    pressure: {
      cpu: pressureNow(files, 'cpu'),
      memory: pressureNow(files, 'memory'),
      io: pressureNow(files, 'io'),
    },
    steal: null,
    otherProcesses: null,
    throttledSeconds: null,
    thermalThrottles: null,
    clockHertz: readClock(files),
    temperatureCelsius: readTemperature(files),
  };
}

/** What went on between two moments. */
export function environmentBetween(
  before: MachineCounters,
  after: MachineCounters,
  files = new SystemFiles(),
): Environment {
  const seconds = after.at - before.at;
  const since = (earlier: number | null, later: number | null) =>
    earlier === null || later === null ? null : Math.max(0, later - earlier);
  const fraction = (resource: Resources) => {
    const stalled = since(before.stalled[resource], after.stalled[resource]);
    return stalled === null || seconds <= 0 ? null : Math.min(1, stalled / seconds);
  };
  return {
    ...environmentNow(files),
    pressure: { cpu: fraction('cpu'), memory: fraction('memory'), io: fraction('io') },
    ...sharesOfCpu(before, after),
    throttledSeconds: since(before.throttledSeconds, after.throttledSeconds),
    thermalThrottles: since(before.thermalThrottles, after.thermalThrottles),
  };
}

/** The machine counts in ticks of a hundredth of a second, so a short time says nothing. */
const fewestCpuSeconds = 0.1;

function sharesOfCpu(
  before: MachineCounters,
  after: MachineCounters,
): Pick<Environment, 'steal' | 'otherProcesses'> {
  if (before.cpu === null || after.cpu === null) return { steal: null, otherProcesses: null };
  const total = after.cpu.total - before.cpu.total;
  if (total < fewestCpuSeconds) return { steal: null, otherProcesses: null };
  const others = after.cpu.busy - before.cpu.busy - (after.ownCpuSeconds - before.ownCpuSeconds);
  return {
    steal: Math.max(0, after.cpu.steal - before.cpu.steal) / total,
    otherProcesses: Math.max(0, others) / total,
  };
}

/** `/proc/stat` in seconds. Linux counts in hundredths, whatever the kernel's own tick is. */
function readCpuTimes(files: SystemFiles): MachineCounters['cpu'] {
  const line = files.text('proc/stat')?.split('\n')[0];
  if (!line?.startsWith('cpu ')) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupt = 0, soft = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / 100);
  const busy = user + nice + system + interrupt + soft;
  return { total: busy + idle + wait + steal, busy, steal };
}

/** Mean over the last minute of how many tasks want to run. */
function readLoadAverage(files: SystemFiles): number | null {
  return finiteNumber(files.text('proc/loadavg')?.split(' ')[0]);
}

function stalledSeconds(files: SystemFiles, resource: Resources): number | null {
  const microseconds = pressureField(files, resource, 'total');
  return microseconds === null ? null : microseconds / 1e6;
}

function pressureNow(files: SystemFiles, resource: Resources): number | null {
  const percent = pressureField(files, resource, 'avg10');
  return percent === null ? null : percent / 100;
}

/** A field of the line `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`. */
function pressureField(files: SystemFiles, resource: Resources, name: string): number | null {
  const line = files
    .text(`proc/pressure/${resource}`)
    ?.split('\n')
    .find((each) => each.startsWith('some '));
  return finiteNumber(new RegExp(`\\b${name}=([\\d.]+)`).exec(line ?? '')?.[1]);
}
