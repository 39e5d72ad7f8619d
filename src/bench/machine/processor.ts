import type { Machine } from '../../results/machine-schema.ts';
import { listLength, type SystemFiles } from './files.ts';

/** Instruction sets that decide how fast a convolution can be, x86 and ARM, as Linux names them. */
const decisiveSets = new Set(
  (
    'sse4_2 avx f16c fma avx2 avx_vnni avx512f avx512bw avx512vl avx512_vnni avx512_bf16 avx512_fp16 ' +
    'amx_tile amx_int8 amx_bf16 amx_fp16 asimd asimdhp asimddp fphp bf16 i8mm sve sve2 sme'
  ).split(' '),
);

type ProcessorFacts = Pick<Machine, 'cpu' | 'physicalCores' | 'instructionSets' | 'virtualMachine'>;

/** What `/proc/cpuinfo` says; null where it says nothing (the model of most ARM boards). */
export function readProcessor(files: SystemFiles): ProcessorFacts {
  const text = files.text('proc/cpuinfo');
  if (text === null) return { cpu: null, physicalCores: null, instructionSets: null, virtualMachine: null };
  const processors = text.split(/\n\s*\n/).map(parseFields);
  const first = processors[0] ?? new Map<string, string>();
  const flags = (first.get('flags') ?? first.get('Features'))?.split(/\s+/);
  return {
    cpu: [first.get('model name'), first.get('Hardware')].find((name) => name) ?? null,
    physicalCores: physicalCores(processors),
    instructionSets: flags?.filter((flag) => decisiveSets.has(flag)) ?? null,
    // x86 announces a hypervisor; ARM has no such flag.
    virtualMachine: first.has('flags') ? (flags?.includes('hypervisor') ?? null) : null,
  };
}

function parseFields(block: string): ReadonlyMap<string, string> {
  return new Map(
    block.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
    }),
  );
}

function physicalCores(processors: readonly ReadonlyMap<string, string>[]): number | null {
  const cores = processors.flatMap((fields) => {
    const core = fields.get('core id');
    return core === undefined ? [] : [`${fields.get('physical id')} ${core}`];
  });
  return cores.length === 0 ? null : new Set(cores).size;
}

const cpuFolder = 'sys/devices/system/cpu';

/** The caches of the first core. The last level of a virtual machine is its host's. */
export function readCaches(files: SystemFiles): NonNullable<Machine['caches']> | null {
  const folder = `${cpuFolder}/cpu0/cache`;
  const caches = files.names(folder, /^index\d+$/).flatMap((name) => {
    const level = files.number(`${folder}/${name}/level`);
    const kind = cacheKinds.find((each) => each === files.text(`${folder}/${name}/type`)?.toLowerCase());
    const bytes = cacheBytes(files.text(`${folder}/${name}/size`));
    if (level === null || kind === undefined || bytes === null) return [];
    return [{ level, kind, bytes, sharedBy: listLength(files.text(`${folder}/${name}/shared_cpu_list`)) }];
  });
  return caches.length === 0 ? null : caches;
}

const cacheKinds = ['data', 'instruction', 'unified'] as const;

function cacheBytes(text: string | null): number | null {
  const [, digits, unit] = /^(\d+)([KMG]?)$/.exec(text ?? '') ?? [];
  if (digits === undefined) return null;
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit ?? '');
}

type TopologyFacts = Pick<Machine, 'numaNodes' | 'simultaneousMultithreading'>;

export function readTopology(files: SystemFiles): TopologyFacts {
  const multithreading = files.number(`${cpuFolder}/smt/active`);
  return {
    numaNodes: files.names('sys/devices/system/node', /^node\d+$/).length || null,
    simultaneousMultithreading: multithreading === null ? null : multithreading === 1,
  };
}

type ClockFacts = Pick<Machine, 'governor' | 'turbo' | 'maximumClockHertz'>;

/** How the clock is governed; virtual machines do not show it. */
export function readClockPolicy(files: SystemFiles): ClockFacts {
  const kilohertz = files.number(`${cpuFolder}/cpu0/cpufreq/cpuinfo_max_freq`);
  const noTurbo = files.number(`${cpuFolder}/intel_pstate/no_turbo`);
  const boost = files.number(`${cpuFolder}/cpufreq/boost`);
  return {
    governor: files.text(`${cpuFolder}/cpu0/cpufreq/scaling_governor`),
    turbo: noTurbo !== null ? noTurbo === 0 : boost === null ? null : boost === 1,
    maximumClockHertz: kilohertz === null ? null : kilohertz * 1000,
  };
}

/** The mean clock over all cores as it is now. Hertz. */
export function readClock(files: SystemFiles): number | null {
  const clocks = files
    .names(cpuFolder, /^cpu\d+$/)
    .map((name) => files.number(`${cpuFolder}/${name}/cpufreq/scaling_cur_freq`))
    .filter((clock) => clock !== null);
  return clocks.length === 0 ? null : (1000 * clocks.reduce((sum, clock) => sum + clock, 0)) / clocks.length;
}

/** Times that cores slowed down because they were hot, since the machine started; null when it does not count. */
export function readThermalThrottles(files: SystemFiles): number | null {
  const counts = files
    .names(cpuFolder, /^cpu\d+$/)
    .map((name) => files.number(`${cpuFolder}/${name}/thermal_throttle/core_throttle_count`))
    .filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** The hottest sensor. Degrees Celsius. */
export function readTemperature(files: SystemFiles): number | null {
  const zones = files
    .names('sys/class/thermal', /^thermal_zone\d+$/)
    .map((name) => files.number(`sys/class/thermal/${name}/temp`))
    .filter((millidegrees) => millidegrees !== null);
  return zones.length === 0 ? null : Math.max(...zones) / 1000;
}
