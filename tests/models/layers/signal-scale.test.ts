import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../../../src/engines/weights.ts';
import type { Tensor } from '../../../src/graph/graph.ts';
import { buildGraph, parseVariant } from '../../../src/models/variants/variant.ts';

describe('untrained networks keep a sane signal: finite, far from denormal, of moderate scale', () => {
  // Standardized weights keep a variance of 1, but for the taps that fall on padding where maps are small.
  const bounds = { normalized: [1e-6, 1], 'by standardized weights': [1e-8, 20] } as const;

  it.each([
    ['resnet-50@32:w0.25', 'normalized'],
    ['resnet-rs-101@32:w0.125', 'normalized'],
    ['resnetv2-50@32:evonorm-b0,w0.25', 'normalized'],
    ['convnext-t@32:w0.25', 'normalized'],
    ['lambda-resnet-26t@32:w0.25', 'normalized'],
    ['squeezenet-1.1@35', 'normalized'],
    ['nf-resnet-50@32:w0.25', 'by standardized weights'],
    ['nfnet-f0@32:g16,w0.125', 'by standardized weights'],
  ] as const)('%s, %s', (name, kept) => {
    const graph = buildGraph(parseVariant(name), 1);
    const given = new Map<Tensor, ArrayLike<number>>(initializeWeights(graph, 3));
    const inputs = randomInputs(graph, 4);
    for (const tensor of graph.tensors) {
      const values = inputs.get(tensor.name);
      if (values) given.set(tensor, values);
    }
    const values = evaluate(graph, given);
    const [least, most] = bounds[kept];
    for (const node of graph.nodes.filter(({ operator }) => ['conv2d', 'dense'].includes(operator.name))) {
      const elements = values.get(node.outputs[0]!)!;
      const meanSquare = elements.reduce((sum, x) => sum + x * x, 0) / elements.length;
      expect(meanSquare, node.name).toBeGreaterThan(least);
      expect(meanSquare, node.name).toBeLessThan(most);
    }
  });
});
