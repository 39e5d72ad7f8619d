import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyOf } from '../../src/bench/latency.ts';

describe('latencyOf', () => {
  it('says nothing of no steps, and leaves out what few steps cannot show', () => {
    expect(latencyOf([])).toBeUndefined();
    expect(latencyOf([3, 1, 2])).toEqual({ steps: 3, median: 2 });
    expect(Object.keys(latencyOf(new Array<number>(20).fill(1))!)).toEqual(['steps', 'median', 'p95']);
  });

  it('gives percentiles in order, within what was measured', () => {
    const times = fc.array(fc.double({ min: 1e-6, max: 10, noNaN: true }), { minLength: 100 });
    fc.assert(
      fc.property(times, (seconds) => {
        const { median, p95 = NaN, p99 = NaN } = latencyOf(seconds)!;
        const inOrder = [Math.min(...seconds), median, p95, p99, Math.max(...seconds)];
        expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
      }),
    );
  });

  it('finds the 95th and the 99th per cent of the way up', () => {
    const { p95, p99 } = latencyOf(Array.from({ length: 101 }, (_, index) => index))!;
    expect([p95, p99]).toEqual([95, 99]);
  });
});
