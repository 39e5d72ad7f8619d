import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { initializeWeights } from '../../src/engines/weights.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { buildProxyNorm } from '../../src/models/layers/proxy-norm.ts';
import type { ActivationName } from '../../src/operators/activation.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { expectFiniteDifferences } from './expect-finite-differences.ts';
import { normal, type Fill } from './fills.ts';
import { differentiateWeightedSum } from './weighted-sum.ts';

describe('statistics of a proxy that has learned nothing, over 200 quantiles', () => {
  // Worked out apart from this program, from the authors' algorithm (Models/proxy_norm.py): 200 quantiles, ε 0.03.
  it.each([
    ['swish', 0.206048, 0.310004, 1.714977],
    ['relu', 0.398451, 0.338035, 1.648373],
  ] as const)('%s: mean %d, variance %d, 1/√(variance + 0.03) %d', (activation, mean, variance, scale) => {
    const builder = new GraphBuilder('proxy norm');
    const { scale: inverse } = buildProxyNorm(builder, builder.input('y', [1, 2, 1, 1]), activation);
    const graph = builder.build([inverse]);
    const weights = initializeWeights(graph, 1);
    const nodes = graph.nodes.filter(({ name }) => name.startsWith('proxy.'));
    const values = evaluate({ ...graph, nodes }, weights);
    for (const [name, expected] of [
      ['proxy.mean', mean],
      ['proxy.variance', variance],
      ['proxy.scale', scale],
    ] as const) {
      const tensor = graph.tensors.find((each) => each.name === name)!;
      const both = values.get(tensor)!;
      expect(both).toHaveLength(2);
      for (const value of both) expect(Math.abs(value - expected), name).toBeLessThan(6e-7);
    }
  });
});

describe('its gradient', () => {
  const around =
    (centre: number): Fill =>
    (length, name) =>
      normal(length, name).map((value) => centre + 0.2 * value);
  const differentiate = (activation: ActivationName, isScaled: boolean) =>
    differentiateWeightedSum({
      shapes: { y: [2, 3, 2, 2] },
      fills: { beta: around(0), gamma: around(1), proxyBeta: around(0), proxyGamma: around(0) },
      body: (graph, { y }) => {
        const { centred, scale } = buildProxyNorm(graph, y!, activation);
        if (!isScaled) return centred;
        return graph.apply(binary, 'rescale', { left: centred, right: scale }, { function: 'multiply' });
      },
    });
  const learned = ['y', 'beta', 'gamma', 'proxyBeta', 'proxyGamma'];

  it.each([
    ['swish', true],
    ['swish', false],
    ['relu', true],
    ['gelu', true],
    ['hard-swish', true],
  ] as const)(
    'reaches all four parameters through the statistics: %s, scaled: %s',
    (activation, isScaled) => {
      const differentiated = differentiate(activation, isScaled);
      const { gradients, values } = differentiated;
      expect([...gradients.keys()].map(({ name }) => name)).toEqual(learned);
      for (const [{ name }, gradient] of gradients)
        if (name !== 'y')
          for (const value of values.get(gradient)!) expect(Math.abs(value), name).toBeGreaterThan(1e-6);
      expectFiniteDifferences(differentiated);
    },
  );
});
