import { describe, expect, it } from 'vitest';
import { parseBatches } from '../../src/cli/batch-list.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { parsePercentage } from '../../src/cli/percentage.ts';
import { parseShard } from '../../src/cli/shard.ts';
import { EcfxError } from '../../src/errors.ts';

describe('durations', () => {
  it.each([
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    [' 1.5 H ', 5400],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '10', 'm', '-5m', '10 minutes', '0s', '1e9h'])('refuses “%s”', (text) => {
    expect(() => parseDuration(text)).toThrow(EcfxError);
  });
});

describe('percentages', () => {
  it.each([
    ['2%', 0.02],
    ['0.5 %', 0.005],
  ])('%s', (text, fraction) => {
    expect(parsePercentage(text)).toBeCloseTo(fraction, 12);
  });

  it.each(['2', '0%', '-1%', '100%', '%', 'two%'])('refuses “%s”', (text) => {
    expect(() => parsePercentage(text)).toThrow(EcfxError);
  });
});

describe('batches', () => {
  it('are numbers, a list of them, or found', () => {
    expect(parseBatches('16')).toEqual([16]);
    expect(parseBatches('1, 4,16,4,auto')).toEqual([1, 4, 16, 'auto']);
  });

  it.each(['', '0', '-1', '1.5', '1,', '65537', 'all'])('refuses “%s”', (text) => {
    expect(() => parseBatches(text)).toThrow(EcfxError);
  });
});

describe('shards', () => {
  it('are named, or read from a job array', () => {
    expect(parseShard('2/4')).toEqual({ index: 2, count: 4 });
    const slurm = { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '0' };
    expect(parseShard('auto', slurm)).toEqual({ index: 4, count: 4 });
    expect(parseShard('auto', { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4' })).toEqual({
      index: 3,
      count: 4,
    });
    expect(parseShard('auto', { JOB_COMPLETION_INDEX: '0', ECFX_SHARD_COUNT: '2' })).toEqual({
      index: 1,
      count: 2,
    });
  });

  it.each(['0/4', '5/4', '1', '1/0', 'a/b', 'auto'])('refuses “%s”', (text) => {
    expect(() => parseShard(text, {})).toThrow(EcfxError);
  });

  it('do not guess how many there are', () => {
    expect(() => parseShard('auto', { JOB_COMPLETION_INDEX: '1' })).toThrow(/ECFX_SHARD_COUNT/);
  });
});
