import { describe, expect, it } from 'vitest';
import { quickProtocol, standardProtocol, withinBudget } from '../../src/bench/protocol.ts';
import type { Subject } from '../../src/results/schema.ts';

const subjects: Subject[] = (['inference', 'training'] as const).flatMap((mode) =>
  ['a', 'b'].map((variant) => ({
    variant,
    mode,
    engine: 'onnxruntime',
    device: 'cpu',
    precision: 'fp32',
    batch: 8,
    threads: 2,
  })),
);

describe('a protocol within a budget', () => {
  const within = (budgetSeconds: number) => withinBudget({ ...standardProtocol, budgetSeconds }, subjects);

  it('is the same without one', () => {
    expect(withinBudget(standardProtocol, subjects)).toEqual(standardProtocol);
  });

  it('leaves most of the time of eight rounds of six cells to what is not warm-up', () => {
    const { maximumWarmUpSeconds, warmUpSeconds } = within(300);
    expect(maximumWarmUpSeconds).toBeCloseTo((0.3 * 300) / 48, 10);
    expect(warmUpSeconds).toBe(maximumWarmUpSeconds);
  });

  it('lengthens nothing, however large the budget', () => {
    expect(within(1e6)).toEqual({ ...standardProtocol, budgetSeconds: 1e6, blocksPerCell: 5 });
    const quick = { ...quickProtocol, budgetSeconds: 1e6 };
    expect(withinBudget(quick, subjects)).toEqual(quick);
  });
});
