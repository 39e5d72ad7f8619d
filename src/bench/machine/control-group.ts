import { finiteNumber, type SystemFiles } from './files.ts';

/** What a control group (v1 or v2) allows this process, and how often it had to wait for that. */
export interface ControlGroup {
  /** Cores' worth of time; null without a limit. */
  readonly cpuLimit: number | null;
  readonly memoryLimitBytes: number | null;
  /** Of the group that sets the limit: what its processes hold now. */
  readonly memoryUsedBytes: number | null;
  /** Since the group exists. */
  readonly throttledSeconds: number | null;
}

/** Version 1 writes about 2⁶³ for no limit. */
const noLimit = 2 ** 60;

/**
 * Reads the group that this process is in and those above it: the tightest limit holds. In a container the files of its
 * own group often lie at the root, whatever path `/proc/self/cgroup` gives.
 */
export function readControlGroup(files: SystemFiles): ControlGroup {
  const lines = (files.text('proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const pathOf = (controller: string) =>
    lines.find(([, controllers = '']) => controllers.split(',').includes(controller))?.[2];
  const unified = lines.find(([id, controllers]) => id === '0' && controllers === '')?.[2];
  const folders = (mount: string, path: string | undefined) =>
    ancestors(path ?? '/').map((folder) => `${mount}${folder}`);
  const second = folders('sys/fs/cgroup', unified);
  const cpu = folders('sys/fs/cgroup/cpu', pathOf('cpu'));
  const memory = folders('sys/fs/cgroup/memory', pathOf('memory'));

  const limits = [
    ...second.map((folder) => ({
      bytes: files.number(`${folder}/memory.max`),
      used: files.number(`${folder}/memory.current`),
    })),
    ...memory.map((folder) => ({
      bytes: files.number(`${folder}/memory.limit_in_bytes`),
      used: files.number(`${folder}/memory.usage_in_bytes`),
    })),
  ].flatMap(({ bytes, used }) => (bytes !== null && bytes < noLimit ? [{ bytes, used }] : []));
  const tightest = limits.sort((a, b) => a.bytes - b.bytes)[0];
  return {
    cpuLimit: least([
      ...second.map((folder) => quotaV2(files.text(`${folder}/cpu.max`))),
      ...cpu.map((folder) =>
        quota(files.number(`${folder}/cpu.cfs_quota_us`), files.number(`${folder}/cpu.cfs_period_us`)),
      ),
    ]),
    memoryLimitBytes: tightest?.bytes ?? null,
    memoryUsedBytes: tightest?.used ?? null,
    throttledSeconds:
      firstKnown(second.map((folder) => statistic(files, folder, 'throttled_usec', 1e-6))) ??
      firstKnown(cpu.map((folder) => statistic(files, folder, 'throttled_time', 1e-9))),
  };
}

/** `/a/b` as `/a/b`, `/a` and nothing: the folders from a group up to the mount. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, index) =>
    parts
      .slice(0, parts.length - index)
      .map((part) => `/${part}`)
      .join(''),
  );
}

/** `200000 100000` are two cores; `max 100000` is no limit. */
function quotaV2(text: string | null): number | null {
  const [allowed, period] = (text ?? '').split(' ');
  return quota(finiteNumber(allowed), finiteNumber(period));
}

function quota(allowed: number | null, period: number | null): number | null {
  return allowed === null || period === null || allowed <= 0 || period <= 0 ? null : allowed / period;
}

function statistic(files: SystemFiles, folder: string, name: string, unit: number): number | null {
  const line = files
    .text(`${folder}/cpu.stat`)
    ?.split('\n')
    .find((each) => each.startsWith(`${name} `));
  const value = finiteNumber(line?.split(' ')[1]);
  return value === null ? null : value * unit;
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function firstKnown(values: readonly (number | null)[]): number | null {
  return values.find((value) => value !== null) ?? null;
}
