import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linuxFacts } from '../../../src/bench/machine/facts.ts';
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

describe('facts about a Linux machine', () => {
  it('of a virtual machine, which hides its clock', () => {
    const core = (id: number) =>
      `processor\t: ${id}\nmodel name\t: Intel(R) Xeon(R) Processor\nphysical id\t: 0\ncore id\t: ${id}\nflags\t: fpu avx2 fma hypervisor avx512f`;
    const facts = linuxFacts(
      tree({
        'proc/cpuinfo': `${core(0)}\n\n${core(1)}`,
        'proc/meminfo': 'MemTotal:       24684096 kB',
        'proc/loadavg': '2.53 2.88 2.13 3/136 28849',
        'proc/self/cgroup': '4:memory:/a/b\n1:cpu:/\n0::/',
        'sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712',
        'sys/devices/system/cpu/smt/active': '0',
        'sys/devices/system/cpu/cpu0/cache/index3/level': '3',
        'sys/devices/system/cpu/cpu0/cache/index3/type': 'Unified',
        'sys/devices/system/cpu/cpu0/cache/index3/size': '266240K',
        'sys/devices/system/cpu/cpu0/cache/index3/shared_cpu_list': '0-1',
      }),
    );
    expect(facts).toMatchObject({
      cpu: 'Intel(R) Xeon(R) Processor',
      physicalCores: 2,
      instructionSets: ['avx2', 'fma', 'avx512f'],
      virtualMachine: true,
      simultaneousMultithreading: false,
      caches: [{ level: 3, kind: 'unified', bytes: 266240 * 1024, sharedBy: 2 }],
      memoryBytes: 24684096 * 1024,
      memoryLimitBytes: null,
      cpuLimit: null,
      loadAverage: 2.53,
      governor: null,
      turbo: null,
      maximumClockHertz: null,
    });
  });

  it('of a container on bare metal', () => {
    const facts = linuxFacts(
      tree({
        'proc/cpuinfo': 'processor : 0\nmodel name : AMD Ryzen\nflags : fpu avx2',
        'proc/meminfo': 'MemTotal: 64000000 kB',
        'proc/self/cgroup': '0::/job',
        'sys/fs/cgroup/job/cpu.max': '150000 100000',
        'sys/fs/cgroup/memory.max': '2000000000',
        'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave',
        'sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq': '4500000',
        'sys/devices/system/cpu/cpufreq/boost': '1',
      }),
    );
    expect(facts).toMatchObject({
      virtualMachine: false,
      cpuLimit: 1.5,
      memoryLimitBytes: 2e9,
      governor: 'powersave',
      turbo: true,
      maximumClockHertz: 4.5e9,
      loadAverage: null,
      caches: null,
    });
  });

  it('of nothing are null', () => {
    expect(linuxFacts(tree({}))).toMatchObject({ cpu: null, memoryBytes: null, caches: null, turbo: null });
  });
});
