import { mean, sampleVariance } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { createRandom, shuffled } from '../../src/mathematics/random.ts';

describe('createRandom', () => {
  it('repeats for the same seed and stream, and differs for others', () => {
    const draw = (seed: number, stream: string) => {
      const random = createRandom(seed, stream);
      return Array.from({ length: 8 }, () => random.uniform());
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  });

  it('draws standard normals and uniforms', () => {
    const random = createRandom(3, 'moments');
    const normals = Array.from({ length: 100_000 }, () => random.normal());
    const uniforms = Array.from({ length: 100_000 }, () => random.uniform());
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(sampleVariance(normals)).toBeCloseTo(1, 1);
    expect(mean(normals.map((x) => x ** 4))).toBeCloseTo(3, 0);
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    expect(sampleVariance(uniforms)).toBeCloseTo(1 / 12, 2);
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
  });

  it('shuffles: every order equally often', () => {
    const random = createRandom(5, 'orders');
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
