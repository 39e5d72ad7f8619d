import { execFileSync, spawn } from 'node:child_process';
import { mean } from 'simple-statistics';
import type { GpuTelemetry } from '../../results/telemetry-schema.ts';

const fields = [
  'index',
  'name',
  'driver_version',
  'memory.total',
  'memory.used',
  'clocks.sm',
  'clocks.mem',
  'power.draw',
  'temperature.gpu',
] as const;

/** Why a card runs slower than it could, by bit (NVML, nvmlClocksThrottleReasons). Idle and user settings are no fault. */
const throttleReasons: Readonly<Record<number, string>> = {
  0x04: 'power cap',
  0x08: 'hardware slowdown',
  0x20: 'software thermal',
  0x40: 'hardware thermal',
  0x80: 'power brake',
};

const intervalMilliseconds = 100;

/** One line of nvidia-smi: a card at a moment. */
interface Reading {
  readonly index: number;
  readonly name: string | null;
  readonly driver: string | null;
  readonly memoryTotal: number | null;
  readonly memoryUsed: number | null;
  readonly clock: number | null;
  readonly memoryClock: number | null;
  readonly power: number | null;
  readonly temperature: number | null;
  readonly throttle: number | null;
}

/** Cards that are being watched. */
export interface GpuWatch {
  /** Ends it; resolves to what was seen of each card, none where nvidia-smi is not here. */
  stop(): Promise<GpuTelemetry[]>;
}

/** Watches NVIDIA's cards, ten times a second, in a process of nvidia-smi. */
export function watchGpus(): GpuWatch {
  const throttleField = nameOfThrottleField();
  if (throttleField === undefined) return { stop: () => Promise.resolve([]) };
  const query = [...fields, throttleField].join(',');
  const child = spawn(
    'nvidia-smi',
    [`--query-gpu=${query}`, '--format=csv,noheader,nounits', '-lms', String(intervalMilliseconds)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    async stop() {
      child.kill();
      await ended;
      // The last line may have been cut off.
      const readings = text.split('\n').slice(0, -1).flatMap(parseReading);
      const cards = [...new Set(readings.map(({ index }) => index))];
      return cards.map((card) => summarize(readings.filter(({ index }) => index === card)));
    },
  };
}

/** Newer drivers call it event reasons. Undefined where there is no nvidia-smi that answers. */
function nameOfThrottleField(): string | undefined {
  try {
    const help = execFileSync('nvidia-smi', ['--help-query-gpu'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return help.includes('clocks_event_reasons.active')
      ? 'clocks_event_reasons.active'
      : 'clocks_throttle_reasons.active';
  } catch {
    return undefined;
  }
}

/** Memory in MiB, clocks in MHz, power in W, the throttle mask in hexadecimal; what a card does not tell is in brackets. */
function parseReading(line: string): Reading[] {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== fields.length + 1) return [];
  const text = (position: number) => (/^\[|^$/.test(cells[position]!) ? null : cells[position]!);
  const number = (position: number, unit = 1) => {
    const value = Number(text(position) ?? NaN);
    return Number.isFinite(value) ? value * unit : null;
  };
  const index = number(0);
  if (index === null) return [];
  return [
    {
      index,
      name: text(1),
      driver: text(2),
      memoryTotal: number(3, 2 ** 20),
      memoryUsed: number(4, 2 ** 20),
      clock: number(5, 1e6),
      memoryClock: number(6, 1e6),
      power: number(7),
      temperature: number(8),
      throttle: number(9),
    },
  ];
}

function summarize(readings: readonly Reading[]): GpuTelemetry {
  const first = readings[0]!;
  const known = (pick: (reading: Reading) => number | null) =>
    readings.map(pick).filter((value) => value !== null);
  const average = (values: readonly number[]) => (values.length === 0 ? null : mean([...values]));
  const largest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
  const masks = known(({ throttle }) => throttle);
  return {
    index: first.index,
    name: first.name,
    driver: first.driver,
    memoryTotalBytes: first.memoryTotal,
    memoryUsedBytes: largest(known(({ memoryUsed }) => memoryUsed)),
    clockHertz: average(known(({ clock }) => clock)),
    memoryClockHertz: average(known(({ memoryClock }) => memoryClock)),
    powerWatts: average(known(({ power }) => power)),
    temperatureCelsius: largest(known(({ temperature }) => temperature)),
    throttleReasons: masks.length === 0 ? null : reasonsIn(masks),
    samples: readings.length,
    intervalSeconds: intervalMilliseconds / 1000,
  };
}

function reasonsIn(masks: readonly number[]): string[] {
  const together = masks.reduce((all, mask) => all | mask, 0);
  return Object.entries(throttleReasons).flatMap(([bit, reason]) => (together & Number(bit) ? [reason] : []));
}
