import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  environmentBetween,
  environmentNow,
  readCounters,
  type MachineCounters,
} from '../../../src/bench/machine/environment.ts';
import { SystemFiles } from '../../../src/bench/machine/files.ts';
import { temporaryFolder } from '../../support/cli.ts';

function tree(files: Readonly<Record<string, string>>): SystemFiles {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return new SystemFiles(root);
}

const pressure = (avg10: number, microseconds: number) =>
  `some avg10=${avg10} avg60=0.00 avg300=0.00 total=${microseconds}\nfull avg10=9.00 avg60=0.00 avg300=0.00 total=999`;

/** Two cores for ten seconds: 8 s of work by this process, 4 s by others, 2 s stolen, 6 s idle. */
const before: MachineCounters = {
  at: 100,
  cpu: { total: 1000, busy: 500, steal: 10 },
  stalled: { cpu: 5, memory: 1, io: null },
  throttledSeconds: 3,
  thermalThrottles: 7,
  ownCpuSeconds: 2,
};
const after: MachineCounters = {
  at: 110,
  cpu: { total: 1020, busy: 512, steal: 12 },
  stalled: { cpu: 7.5, memory: 1, io: null },
  throttledSeconds: 3.5,
  thermalThrottles: 9,
  ownCpuSeconds: 10,
};

describe('what goes on beside a measurement', () => {
  it('reads counters of a Linux machine', () => {
    const files = tree({
      'proc/stat': 'cpu  1000 200 300 4000 50 6 4 140 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0',
      'proc/pressure/cpu': pressure(12.5, 2_500_000),
      'proc/pressure/memory': pressure(0, 0),
      'sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count': '3',
      'sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count': '4',
    });
    const counters = readCounters(files);
    expect(counters).toMatchObject({
      cpu: { total: 57, busy: 15.1, steal: 1.4 },
      stalled: { cpu: 2.5, memory: 0, io: null },
      throttledSeconds: null,
      thermalThrottles: 7,
    });
    expect(counters.ownCpuSeconds).toBeGreaterThan(0);
  });

  it('reads load, pressure, clock and temperature as they are now', () => {
    const files = tree({
      'proc/loadavg': '2.53 2.88 2.13 3/136 28849',
      'proc/pressure/cpu': pressure(12.5, 1),
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '2000000',
      'sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': '3000000',
      'sys/class/thermal/thermal_zone0/temp': '41000',
      'sys/class/thermal/thermal_zone1/temp': '56500',
    });
    expect(environmentNow(files)).toEqual({
      loadAverage: 2.53,
      pressure: { cpu: 0.125, memory: null, io: null },
      ...{ steal: null, otherProcesses: null, throttledSeconds: null, thermalThrottles: null },
      clockHertz: 2.5e9,
      temperatureCelsius: 56.5,
    });
  });

  it('tells this process’s work from that of others and of the host', () => {
    expect(environmentBetween(before, after, tree({}))).toEqual({
      loadAverage: null,
      pressure: { cpu: 0.25, memory: 0, io: null },
      steal: 0.1,
      otherProcesses: 0.2,
      throttledSeconds: 0.5,
      thermalThrottles: 2,
      clockHertz: null,
      temperatureCelsius: null,
    });
  });

  it('takes nothing for known of a time too short for the machine’s ticks, or of a system without such files', () => {
    const soon = { ...before, at: before.at + 0.01, cpu: { total: 1000.02, busy: 500.02, steal: 10 } };
    expect(environmentBetween(before, soon, tree({}))).toMatchObject({ steal: null, otherProcesses: null });
    const nothing = readCounters(tree({}));
    expect(nothing).toMatchObject({ cpu: null, throttledSeconds: null, thermalThrottles: null });
    expect(environmentBetween(nothing, nothing, tree({}))).toMatchObject({
      ...{ steal: null, otherProcesses: null, throttledSeconds: null },
      pressure: { cpu: null, memory: null, io: null },
    });
  });
});
