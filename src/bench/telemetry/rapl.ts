import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A counter of the processor's energy: of a whole package, or of the memory beside it. Microjoules. */
export interface EnergyCounter {
  readonly folder: string;
  /** `package-0`, `dram` */
  readonly name: string;
  readonly energy: number;
  /** The counter starts again at 0 when it has passed this. */
  readonly range: number;
}

const standardRoot = '/sys/class/powercap';

/**
 * The energy counters of Linux (powercap, intel-rapl; AMD's too). Packages and memory only: cores and uncore are part of a
 * package. Empty where there are none, or where only root may read them, as since Linux 5.10.
 */
export function readEnergyCounters(root = standardRoot): EnergyCounter[] {
  try {
    return readdirSync(root)
      .filter((folder) => /^intel-rapl:\d+(:\d+)?$/.test(folder))
      .map((folder) => readCounter(join(root, folder)))
      .filter(({ name }) => name.startsWith('package') || name === 'dram');
  } catch {
    return [];
  }
}

function readCounter(folder: string): EnergyCounter {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim();
  return {
    folder,
    name: read('name'),
    energy: Number(read('energy_uj')),
    range: Number(read('max_energy_range_uj')),
  };
}

/** Joules between two readings of the same counters; null when there are none, or they are not the same. */
export function joulesBetween(
  before: readonly EnergyCounter[],
  after: readonly EnergyCounter[],
): number | null {
  if (before.length === 0 || before.length !== after.length) return null;
  let sum = 0;
  for (const { folder, energy, range } of before) {
    const later = after.find((counter) => counter.folder === folder);
    if (!later) return null;
    const grown = later.energy - energy;
    sum += grown < 0 ? grown + range : grown;
  }
  return Number.isFinite(sum) ? sum / 1e6 : null;
}
