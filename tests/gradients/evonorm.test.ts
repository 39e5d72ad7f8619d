import { describe, expect, it } from 'vitest';
import { buildAffine, buildEvoNorm } from '../../src/models/layers/evonorm.ts';
import { expectFiniteDifferences } from './expect-finite-differences.ts';
import { differentiateWeightedSum } from './weighted-sum.ts';

const positiveV = (length: number) => Float64Array.from({ length }, (_, index) => 0.7 + 0.2 * index);

describe('gradients of EvoNorms equal central differences in double precision', () => {
  it.each([
    ['evonorm-b0', 4],
    ['evonorm-s0', 4],
    ['evonorm-s0', 64],
  ] as const)('%s of %d channels', (kind, channels) => {
    const differentiated = differentiateWeightedSum({
      shapes: { x: [2, channels, 3, 2] },
      fills: { v: positiveV },
      body: (graph, { x }) => buildEvoNorm(graph, kind, x!, { training: true }),
    });
    expect([...differentiated.gradients.keys()].map(({ name }) => name).sort()).toEqual(
      ['offset', 'scale', 'v', 'x'].sort(),
    );
    expectFiniteDifferences(differentiated);
  });

  it('and without an activation they are an affine step', () => {
    const differentiated = differentiateWeightedSum({
      shapes: { x: [2, 4, 3, 2] },
      body: (graph, { x }) => buildAffine(graph, x!),
    });
    expect(differentiated.gradients.size).toBe(3);
    expectFiniteDifferences(differentiated);
  });
});
