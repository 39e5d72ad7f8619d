import { expect, it } from 'vitest';
import { standardTrainingStep } from '../../src/analysis/training.ts';
import { blockedKind } from '../../src/engines/onnxruntime/blocked/convolution.ts';
import { fastLowerings } from '../../src/engines/onnxruntime/fast/table.ts';
import { lowerGraph } from '../../src/engines/onnxruntime/lower.ts';
import { standardLowerings } from '../../src/engines/onnxruntime/standard/table.ts';
import { initializeWeights } from '../../src/engines/weights.ts';
import { asOperator } from '../../src/operators/registry.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';

const block = 16;

it.each(['b0@32', 'b0@32:g16,e4,gn4'])(
  'a blocked copy of what each spatial convolution reads waits for its filter gradient, and no other: %s',
  (name) => {
    const variant = parseVariant(name);
    const graph = standardTrainingStep(variant, 2, 'sgd');
    const table = fastLowerings(standardLowerings, { graph, block, isConstant: () => false });
    const { copied } = lowerGraph(graph, initializeWeights(graph, 1), {}, table);
    const spatial = buildGraph(variant, 2).nodes.flatMap((node) => {
      const convolution = asOperator(node, 'conv2d');
      if (!convolution || convolution.attributes.groups === 1) return [];
      const { input, filter } = convolution.operands;
      return blockedKind(filter.shape, convolution.attributes.groups, block) ? [input.name] : [];
    });
    expect(spatial).toHaveLength(16);
    expect(new Set([...copied].map(({ name: tensor }) => tensor))).toEqual(new Set(spatial));
  },
);

it('inference keeps none', () => {
  const graph = buildGraph(parseVariant('b0@32'), 2);
  const table = fastLowerings(standardLowerings, { graph, block, isConstant: () => true });
  expect(lowerGraph(graph, initializeWeights(graph, 1), {}, table).copied.size).toBe(0);
});
