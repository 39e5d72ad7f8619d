import { describe, expect, it } from 'vitest';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';
import { relativeError, runOnnxruntime, runReference } from './support.ts';

describe('whole networks on onnxruntime agree with the definitions in double precision', () => {
  it.each([
    'efficientnet-b0@33',
    'efficientnet-b0@32:symmetric',
    'efficientnet-b0@32:g16,e4',
    'efficientnet-b0@32:gn4',
    'efficientnet-b0@33:g16,e4,gn4',
    'efficientnet-b0@32:ln+pn',
    'efficientnet-b0@32:g16,e4,ln+pn',
    'efficientnet-b0@64:in,relu,w0.5',
    'efficientnet-b0@32:g4,none,hard-swish',
    'efficientnet-b0@32:bn+pn,w0.5',
    'efficientnet-b0@32:evonorm-b0,w0.5',
    'efficientnet-b0@32:evonorm-s0,w0.5',
  ])('%s', async (name) => {
    const graph = buildGraph(parseVariant(name), 2);
    const weights = initializeWeights(graph, 1);
    const inputs = randomInputs(graph, 2);
    const [actual] = await runOnnxruntime(graph, weights, inputs);
    const [expected] = runReference(graph, weights, inputs);
    expect(relativeError(actual!, expected!)).toBeLessThan(1e-4);
  });
});

describe('untrained networks keep a sane signal', () => {
  it.each([
    'efficientnet-b0@32',
    'efficientnet-b0@32:none',
    'efficientnet-b0@32:evonorm-b0',
    'efficientnet-b0@32:evonorm-s0',
    'efficientnet-b0@32:g16,e4,ln+pn',
    'efficientnet-b3@32:d3.1',
  ])('%s: every activation is finite, far from denormal, and of moderate scale', (name) => {
    const graph = buildGraph(parseVariant(name), 1);
    const given = new Map<Tensor, ArrayLike<number>>(initializeWeights(graph, 3));
    const inputs = randomInputs(graph, 4);
    for (const tensor of graph.tensors) {
      const values = inputs.get(tensor.name);
      if (values) given.set(tensor, values);
    }
    const values = evaluate(graph, given);
    for (const node of graph.nodes.filter(({ operator }) => ['conv2d', 'dense'].includes(operator.name))) {
      for (const output of node.outputs) {
        const elements = values.get(output) ?? new Float64Array();
        const meanSquare = elements.reduce((sum, x) => sum + x * x, 0) / elements.length;
        expect(meanSquare, node.name).toBeGreaterThan(1e-6);
        expect(meanSquare, node.name).toBeLessThan(1);
      }
    }
  });

  it('draws the same weights for the same seed, and others for another', () => {
    const graph = buildGraph(parseVariant('b0:w0.1,d0.1'), 1);
    const first = [...initializeWeights(graph, 1).values()];
    expect([...initializeWeights(graph, 1).values()]).toEqual(first);
    expect([...initializeWeights(graph, 2).values()]).not.toEqual(first);
  });
});
