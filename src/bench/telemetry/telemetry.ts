import { performance } from 'node:perf_hooks';
import type { Telemetry } from '../../results/telemetry-schema.ts';
import { watchGpus } from './nvidia-smi.ts';
import { joulesBetween, readEnergyCounters } from './rapl.ts';

/** Devices whose work is done by a graphics card. */
const onGraphicsCard: ReadonlySet<string> = new Set(['webgpu', 'cuda', 'dml']);

/** Sensors that are being read. */
export interface TelemetryWatch {
  /** Ends it; resolves to what the sensors said while `images` were computed, null where there are no sensors. */
  stop(images: number): Promise<Telemetry | null>;
}

/**
 * Starts to read what sensors there are: counters of energy, which count by themselves, and for devices on a graphics card
 * nvidia-smi, which samples in a process of its own. Nothing of it runs in this process until the end.
 */
export function watchTelemetry(device: string, raplRoot?: string): TelemetryWatch {
  const gpus = onGraphicsCard.has(device) ? watchGpus() : undefined;
  const before = readEnergyCounters(raplRoot);
  const start = performance.now();
  return {
    async stop(images) {
      const seconds = (performance.now() - start) / 1000;
      const processorJoules = joulesBetween(before, readEnergyCounters(raplRoot));
      const cards = (await gpus?.stop()) ?? [];
      if (processorJoules === null && cards.length === 0) return null;
      const powers = cards.map(({ powerWatts }) => powerWatts).filter((power) => power !== null);
      const gpuJoules = powers.length === 0 ? null : powers.reduce((sum, power) => sum + power, 0) * seconds;
      const joules = (processorJoules ?? 0) + (gpuJoules ?? 0);
      return {
        gpus: cards,
        energy: { processorJoules, gpuJoules, seconds, images },
        imagesPerJoule: joules > 0 ? images / joules : null,
      };
    },
  };
}
