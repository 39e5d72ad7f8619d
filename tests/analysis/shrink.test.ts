import { describe, expect, test } from 'vitest';
import { shrink } from '../../src/analysis/shrink.ts';
import { gaussianProcess } from '../../src/mathematics/gaussian-process.ts';
import { inverseGiant, tiny } from '../../src/models/scaling/shrinking-rules.ts';
import { tinyNetMembers } from '../../src/models/families/tinynet.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';
import { countsOf } from '../support/count-variant.ts';

/** EfficientNet-B0 with the rounding of TinyNet. */
const base = 'tinynet-a@224:w1,d1';

test('TinyNet without shrinking is EfficientNet-B0', () => {
  const { parameters, macs, activations } = countsOf('efficientnet-b0').perStep;
  expect(countsOf(base).perStep).toMatchObject({ parameters, macs, activations });
});

describe('the tiny formula', () => {
  test.each(['a', 'b', 'c', 'd', 'e'] as const)('gives TinyNet-%s for its operations', (size) => {
    const { macs } = countsOf(`tinynet-${size}`).perStep;
    const { depth, resolution } = tiny(macs / countsOf('efficientnet-b0').perStep.macs);
    const released = tinyNetMembers[size];
    expect(depth).toBeCloseTo(released.depth, 1);
    expect(resolution).toBeCloseTo(released.resolution, 1);
    // The width that fills the budget is the released one where rounding leaves the depth alone.
    const [found] = shrink(parseVariant(base), macs + 1e5).networks;
    expect(found?.macs).toBeLessThanOrEqual(macs + 1e5);
    expect(found?.macs).toBeGreaterThan(0.93 * macs);
    expect(Math.abs((found?.resolution ?? 0) - Math.floor(224 * released.resolution))).toBeLessThanOrEqual(2);
  });

  test('is the width that fills what resolution and depth leave', () => {
    for (const part of [0.8, 0.4, 0.1]) {
      const { width, depth, resolution } = tiny(part);
      expect(width ** 2 * depth * resolution ** 2).toBeCloseTo(part, 12);
    }
  });
});

test('the inverse giant formula takes about half of the operations a step', () => {
  const { width, depth, resolution } = inverseGiant(1);
  expect(1 / (depth * width ** 2 * resolution ** 2)).toBeCloseTo(1.2 * 1.1 ** 2 * 1.15 ** 2, 12);
  expect(inverseGiant(0)).toEqual({ width: 1, depth: 1, resolution: 1 });
});

test('what is shrunk fits the budget, and any family with width and depth can be shrunk', () => {
  for (const name of ['efficientnetv2-b0', 'mobilenetv2', 'efficientnet-b0:g16,e4']) {
    const variant = parseVariant(name);
    const { macs } = countsOf(name).perStep;
    const { networks } = shrink(variant, macs / 3);
    for (const network of networks) {
      expect(network.macs).toBeLessThanOrEqual(macs / 3);
      expect(network.macs).toBeGreaterThan(macs / 6);
      expect(countsOf(network.variant).perStep.macs).toBe(network.macs);
    }
  }
});

test('what cannot be shrunk says why', () => {
  expect(() => shrink(parseVariant('ghostnet'), 5e7)).toThrow(/no depth to set: its table gives every block/);
  expect(() => shrink(parseVariant('b0'), 1e9)).toThrow(/within 1000000000 already/);
  expect(() => shrink(parseVariant('b0'), 1e3)).toThrow(/no width is small enough/);
});

test('a Gaussian process passes through its observations and returns to their mean far away', () => {
  const observations = [
    { at: 0, value: 1 },
    { at: 1, value: 3 },
    { at: 2.5, value: -1 },
  ];
  const predict = gaussianProcess(observations, { length: 1, noise: 1e-9 });
  for (const { at, value } of observations) expect(predict(at)).toBeCloseTo(value, 6);
  expect(predict(100)).toBeCloseTo(1, 12);
});
