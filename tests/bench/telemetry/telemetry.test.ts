import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { joulesBetween, readEnergyCounters } from '../../../src/bench/telemetry/rapl.ts';
import { watchTelemetry } from '../../../src/bench/telemetry/telemetry.ts';
import { temporaryFolder } from '../../support/cli.ts';

/** A folder like Linux's powercap: two packages, memory, and the cores of a package, which count in it already. */
function powercap(root: string, energies: Readonly<Record<string, number>>): void {
  const names = ['package-0', 'package-1', 'dram', 'core'] as const;
  const folders = ['intel-rapl:0', 'intel-rapl:1', 'intel-rapl:0:1', 'intel-rapl:0:0'] as const;
  for (const [index, folder] of folders.entries()) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'name'), `${names[index]!}\n`);
    writeFileSync(join(root, folder, 'energy_uj'), `${energies[names[index]!] ?? 0}\n`);
    writeFileSync(join(root, folder, 'max_energy_range_uj'), '1000000000\n');
  }
}

/** A program on the path that answers as NVIDIA's does. */
function provideNvidiaSmi(field: string, lines: readonly string[]): void {
  const folder = temporaryFolder();
  const program = join(folder, 'nvidia-smi');
  const printed = lines.map((line) => `echo '${line}'`).join('\n');
  writeFileSync(
    program,
    `#!/bin/sh
case "$*" in
  *--help-query-gpu*) echo '"${field}"' ;;
  *${field}*-lms*) while :; do
${printed}
sleep 0.02
done ;;
  *) echo 'Field is not a valid field to query.'; exit 2 ;;
esac
`,
  );
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('energy counters', () => {
  it('add packages and memory, not their parts', () => {
    const root = temporaryFolder();
    powercap(root, { 'package-0': 1_000_000, 'package-1': 5_000_000, dram: 0, core: 7 });
    const before = readEnergyCounters(root);
    powercap(root, { 'package-0': 3_500_000, 'package-1': 6_000_000, dram: 500_000, core: 9_000_000 });
    expect(joulesBetween(before, readEnergyCounters(root))).toBeCloseTo(4, 9);
  });

  it('go on where a counter started again', () => {
    const root = temporaryFolder();
    powercap(root, { 'package-0': 999_000_000 });
    const before = readEnergyCounters(root);
    powercap(root, { 'package-0': 2_000_000 });
    expect(joulesBetween(before, readEnergyCounters(root))).toBeCloseTo(3, 9);
  });

  it('are unknown, not zero, where there are none', async () => {
    const nowhere = join(temporaryFolder(), 'nothing');
    expect(readEnergyCounters(nowhere)).toEqual([]);
    expect(joulesBetween([], [])).toBeNull();
    expect(await watchTelemetry('cpu', nowhere).stop(100)).toBeNull();
  });
});

describe('telemetry of a cell', () => {
  it('has the images per joule of a processor with counters', async () => {
    const root = temporaryFolder();
    powercap(root, { 'package-0': 1_000_000 });
    const watch = watchTelemetry('cpu', root);
    powercap(root, { 'package-0': 21_000_000 });
    expect(await watch.stop(100)).toMatchObject({
      gpus: [],
      energy: { processorJoules: 20, gpuJoules: null, images: 100 },
      imagesPerJoule: 5,
    });
  });

  it.each(['clocks_event_reasons.active', 'clocks_throttle_reasons.active'])(
    'has what NVIDIA’s program says of each card, with %s',
    async (field) => {
      provideNvidiaSmi(field, [
        '0, NVIDIA L4, 560.35.03, 23034, 1500, 2040, 6251, 60.00, 55, 0x0000000000000004',
        '1, NVIDIA L4, 560.35.03, 23034, [N/A], [N/A], 6251, [N/A], 40, 0x0000000000000001',
        'a line that says nothing',
      ]);
      const watch = watchTelemetry('webgpu', join(temporaryFolder(), 'nothing'));
      await setTimeout(400);
      const seen = await watch.stop(500);
      expect(seen?.gpus).toHaveLength(2);
      const [first, second] = seen!.gpus;
      expect(first).toMatchObject({
        name: 'NVIDIA L4',
        driver: '560.35.03',
        memoryTotalBytes: 23_034 * 2 ** 20,
        memoryUsedBytes: 1500 * 2 ** 20,
        clockHertz: 2.04e9,
        powerWatts: 60,
        temperatureCelsius: 55,
        throttleReasons: ['power cap'],
        intervalSeconds: 0.1,
      });
      expect(first!.samples).toBeGreaterThan(0);
      expect(second).toMatchObject({ memoryUsedBytes: null, powerWatts: null, throttleReasons: [] });
      const { gpuJoules, seconds } = seen!.energy;
      expect(gpuJoules).toBeCloseTo(60 * seconds, 6);
      expect(seen!.imagesPerJoule).toBeCloseTo(500 / (60 * seconds), 6);
    },
  );

  it('does without a program that fails', async () => {
    provideNvidiaSmi('something else', []);
    expect(await watchTelemetry('webgpu', join(temporaryFolder(), 'nothing')).stop(1)).toBeNull();
  });
});
