import { tooNoisyEffect } from '../../src/bench/fitness.ts';
import type { DeviceDiagnosis, DoctorResult } from '../../src/bench/doctor.ts';
import { probeStages, type ProbeStage } from '../../src/bench/devices/probe-task.ts';
import { inUnit } from './format.ts';
import type { Cell, Table } from './table.ts';

/** Every device of every engine, what it can do here, and for each that cannot why and what helps. */
export function doctorTable({ devices, machine, noise, obstacles }: DoctorResult): Table {
  return {
    caption: 'Engines and devices on this machine',
    columns: [
      { header: 'engine', key: 'engine', align: 'left' },
      { header: 'device', key: 'device', align: 'left' },
      ...probeStages.map((stage) => ({ header: stage, key: stage, align: 'left' }) as const),
      { header: 'hardware', key: 'hardware', align: 'left', only: 'values' },
      { header: 'software', key: 'is_software', align: 'left', only: 'values' },
      { header: 'relative error', key: 'relative_error', align: 'right', only: 'values' },
      { header: 'reason', key: 'reason', align: 'left', only: 'values' },
    ],
    rows: devices.map((diagnosis) => ({
      cells: [
        plain(diagnosis.engine),
        deviceCell(diagnosis),
        ...probeStages.map((stage) => stageCell(diagnosis, stage)),
        plain(diagnosis.hardware?.name ?? null),
        plain(diagnosis.hardware === null ? null : String(diagnosis.hardware.isSoftware)),
        { text: '', value: diagnosis.relativeError },
        plain(diagnosis.failure?.reason ?? null),
      ],
    })),
    notes: [
      ...devices.flatMap(deviceNotes),
      'Forward, grouped (groups of 16 and of one channel, with both gradients) and training are small computations that ' +
        'were run and compared with the definitions in double precision.',
      `This machine: ${machine.cpu ?? machine.architecture}, ${machine.logicalCores} logical cores, ` +
        `${inUnit(machine.memoryBytes, 1e9)} GB of memory, ${machine.operatingSystem}, load ` +
        `${machine.loadAverage === null ? 'unknown' : machine.loadAverage.toFixed(2)}.`,
      noiseNote(noise),
      obstacles.length === 0
        ? 'It is fit to measure on now.'
        : `It is not fit to measure on now. ${obstacles.join(' ')}`,
    ],
  };
}

function noiseNote({ spin, memory, detectableEffect }: DoctorResult['noise']): string {
  const percent = (fraction: number) => `${inUnit(fraction, 0.01)} %`;
  const effect =
    detectableEffect === null || detectableEffect > tooNoisyEffect
      ? ''
      : ` The smallest difference that a standard run could show: about ${percent(detectableEffect)}.`;
  return (
    `Fixed work scatters by ${percent(spin.dispersion)} (computing) and ${percent(memory.dispersion)} (moving data), ` +
    `between quartiles.${effect}`
  );
}

function plain(value: string | null): Cell {
  return { text: value ?? '', value };
}

function deviceCell({ device, hardware }: DeviceDiagnosis): Cell {
  return { text: hardware?.isSoftware ? `${device} (software)` : device, value: device };
}

function stageCell({ passed }: DeviceDiagnosis, stage: ProbeStage): Cell {
  const value = passed[stage];
  if (value === null) return { text: '·', value: null };
  return value ? { text: 'yes', value: 'yes' } : { text: 'no', value: 'no' };
}

function deviceNotes({ engine, device, hardware, failure }: DeviceDiagnosis): string[] {
  const place = `${engine} on ${device}`;
  if (failure) {
    return [`${place}: ${[failure.reason, ...failure.remedies].map(asSentence).join(' ')}`];
  }
  const name = hardware?.name;
  if (!name) return [];
  return [
    hardware.isSoftware
      ? `${place}: ${name}, software on the processor. It is measured only when named, with --device ${device}.`
      : `${place}: ${name}.`,
  ];
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
