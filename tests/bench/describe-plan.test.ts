import { describe, expect, it } from 'vitest';
import { describeLongRun } from '../../reports/progress/event-text.ts';
import { describePlan, foreseeLongRun } from '../../src/bench/describe-plan.ts';
import { standardProtocol } from '../../src/bench/protocol.ts';
import type { Subject } from '../../src/results/schema.ts';

function planFor(devices: readonly [engine: string, device: string][], budgetSeconds?: number) {
  const subjects = devices.map(([engine, device]): Subject => ({
    ...{ variant: 'efficientnet-b0', mode: 'inference', precision: 'fp32', batch: 16, threads: 2 },
    ...{ engine, device },
  }));
  return describePlan(
    subjects,
    { ...standardProtocol, ...(budgetSeconds !== undefined && { budgetSeconds }) },
    1,
  );
}

const native = ['onnxruntime', 'cpu'] as const;
const plain = ['tensorflow', 'js'] as const;

describe('a run of hours', () => {
  it('is foreseen, with what is slowest in it', () => {
    const foreseen = foreseeLongRun(planFor([[...native], [...plain]]));
    expect(foreseen?.slowest).toMatchObject({ engine: 'tensorflow', device: 'js' });
    expect(foreseen?.seconds).toBeGreaterThan(3600);
    expect(describeLongRun(foreseen!)).toMatch(
      /^This takes about \d+ h \d\d min, .* b0 \(inference, tensorflow on js, batch 16\) with \d+ min/,
    );
  });

  it('is foreseen in spite of a budget that one round exceeds', () => {
    const plan = planFor([[...plain], [...native]], 600);
    expect(foreseeLongRun(plan)?.seconds).toBeCloseTo(plan.guessedSeconds / standardProtocol.rounds, 6);
    expect(foreseeLongRun(planFor([[...plain]], 1e6))).toBeUndefined();
  });

  it('is not seen where there is none', () => {
    expect(foreseeLongRun(planFor([[...native]]))).toBeUndefined();
  });
});
