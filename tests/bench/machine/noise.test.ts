import { describe, expect, it } from 'vitest';
import { foreseeableEffect, measureNoise } from '../../../src/bench/machine/noise.ts';
import { standardProtocol } from '../../../src/bench/protocol.ts';
import { createRandom } from '../../../src/mathematics/random.ts';
import { describeEvent } from '../../../reports/progress/event-text.ts';

/** SYNTHETIC times of fixed work that scatter by `deviation`, in stretches that do too. */
function times(deviation: number): number[] {
  const random = createRandom(1, 'noise');
  return Array.from({ length: 5 }, () => {
    const stretch = deviation * random.normal();
    return Array.from({ length: 10 }, () => 0.01 * Math.exp(stretch + deviation * random.normal()));
  }).flat();
}

describe('how noisy the machine is', () => {
  it('repeats real work', () => {
    const { spin, memory } = measureNoise(standardProtocol);
    for (const work of [spin, memory]) {
      expect(work.samples.length).toBeGreaterThanOrEqual(20);
      expect(work.median).toBeGreaterThan(0);
      expect(work.dispersion).toBeGreaterThanOrEqual(0);
      expect(work.spread).toBeGreaterThanOrEqual(0);
    }
  });

  it('foresees no less than the smallest effect of interest, and more the more times scatter', () => {
    const effect = (deviation: number) => foreseeableEffect(times(deviation), standardProtocol)!;
    expect(effect(0)).toBeCloseTo(0.01, 10);
    expect(effect(0.01)).toBeGreaterThan(effect(0.001));
    expect(effect(0.1)).toBeGreaterThan(effect(0.01));
  });

  it('foresees more with more rounds, and nothing of one', () => {
    const effect = (rounds: number) => foreseeableEffect(times(0.02), { ...standardProtocol, rounds });
    expect(effect(24)).toBeLessThan(effect(6)!);
    expect(effect(1)).toBeNull();
  });

  it('is told in a figure only where the figure helps', () => {
    const work = { samples: [], median: 1, dispersion: 0.02, spread: 0.1 };
    const text = (detectableEffect: number | null) =>
      describeEvent({
        type: 'noise',
        noise: { type: 'noise', spin: work, memory: work, detectableEffect },
      });
    expect(text(0.08)).toContain('only differences above 8.00 % can be seen');
    expect(text(4)).toContain('too noisy to compare');
    expect(text(4)).not.toContain('400');
    expect(text(null)).toMatch(/by 2\.00 %\.$/);
  });
});
