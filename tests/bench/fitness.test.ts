import { describe, expect, it } from 'vitest';
import { obstaclesToMeasuring } from '../../src/bench/fitness.ts';
import type { Environment, Machine, Noise } from '../../src/results/machine-schema.ts';

const machine: Machine = {
  cpu: null,
  architecture: 'x64',
  logicalCores: 2,
  memoryBytes: null,
  memoryLimitBytes: null,
  operatingSystem: 'Linux',
  loadAverage: null,
};
const unknown: Environment = {
  loadAverage: null,
  pressure: { cpu: null, memory: null, io: null },
  steal: null,
  otherProcesses: null,
  throttledSeconds: null,
  thermalThrottles: null,
  clockHertz: null,
  temperatureCelsius: null,
};
const work = { samples: [1, 1, 1], median: 1, dispersion: 0.01, spread: 0.02 };
const noise: Noise = { spin: work, memory: work, detectableEffect: 0.01 };

describe('whether a machine is fit to measure on', () => {
  it('nothing that is unknown speaks against it', () => {
    expect(obstaclesToMeasuring(machine, unknown, { ...noise, detectableEffect: null })).toEqual([]);
  });

  it.each<[string, Partial<Machine>, Partial<Environment>, Partial<Noise>]>([
    ['Other processes use 30 %', {}, { otherProcesses: 0.3 }, {}],
    ['gives 5.0 % of its time', {}, { steal: 0.05 }, {}],
    ['quota', {}, { throttledSeconds: 0.1 }, {}],
    ['from 12 % on', {}, {}, { detectableEffect: 0.12 }],
    ['too much to compare', {}, {}, { detectableEffect: 3.4 }],
    ['powersave', { governor: 'powersave' }, {}, {}],
  ])('%s', (sentence, facts, happening, measured) => {
    const obstacles = obstaclesToMeasuring(
      { ...machine, ...facts },
      { ...unknown, ...happening },
      { ...noise, ...measured },
    );
    expect(obstacles).toEqual([expect.stringContaining(sentence)]);
  });
});
