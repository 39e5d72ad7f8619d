import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { initializeWeights } from '../../src/engines/weights.ts';
import { decays } from '../../src/gradients/optimizers/optimizer.ts';
import { rmsprop, studyRmsprop } from '../../src/gradients/optimizers/rmsprop.ts';
import { buildTrainingStep } from '../../src/gradients/training-step.ts';
import { averageWeights } from '../../src/gradients/weight-average.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { tensorsOfKind, type Tensor } from '../../src/graph/graph.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';
import { asOperator } from '../../src/operators/registry.ts';

describe('the study’s recipe', () => {
  // Its published configuration, for its global batch of 768.
  it('sets RMSProp by the global batch', () => {
    expect(studyRmsprop(768)).toEqual({
      learningRate: 0.046875,
      decay: 0.953125,
      momentum: 0.9,
      epsilon: 1e-3,
      weightDecay: 1e-5,
    });
    expect(studyRmsprop(2 ** 15).decay).toBe(0);
  });

  it.each([
    ['b0:g16,e4,gn4', ['bias', 'filter', 'weight'], ['offset', 'scale']],
    ['b0:g16,e4,ln+pn', ['bias', 'filter', 'proxyBeta', 'proxyGamma', 'weight'], ['beta', 'gamma', 'scale']],
  ])('%s: decays %j and leaves out %j', (variant, decayed, others) => {
    const optimizer = rmsprop(studyRmsprop(768));
    const graph = buildTrainingStep(parseVariant(variant), 1, { optimizer, labelSmoothing: 0.1 });
    const ending = ({ name }: Tensor) => name.slice(name.lastIndexOf('.') + 1);
    const updates = graph.nodes.flatMap((node) => asOperator(node, 'rmspropUpdate') ?? []);
    const withDecay = updates.filter(({ attributes }) => attributes.weightDecay === 1e-5);
    const without = updates.filter(({ attributes }) => attributes.weightDecay === 0);
    expect([...new Set(withDecay.map(({ operands }) => ending(operands.parameter)))].sort()).toEqual(decayed);
    expect([...new Set(without.map(({ operands }) => ending(operands.parameter)))].sort()).toEqual(others);
    expect(updates).toHaveLength(tensorsOfKind(graph, 'parameter').length);
    for (const { operands, attributes } of updates)
      expect(attributes.weightDecay !== 0).toBe(decays(operands.parameter));
  });

  it('starts the mean square at 1 and the velocity at 0', () => {
    const optimizer = rmsprop(studyRmsprop(768));
    const graph = buildTrainingStep(parseVariant('b0:w0.1,d0.1'), 2, { optimizer, labelSmoothing: 0.1 });
    for (const { name, initializer } of tensorsOfKind(graph, 'slot'))
      expect(initializer).toEqual({ kind: 'constant', value: name.endsWith('.meanSquare') ? 1 : 0 });
  });
});

describe('weight averaging', () => {
  it('starts from the weights and keeps a part of itself at each step', () => {
    const builder = new GraphBuilder('average');
    const weight = builder.parameter('weight', [3], { kind: 'uniform', rootMeanSquare: 1 });
    const next = builder.input('next', [3]);
    averageWeights(builder, weight, next, 0.97);
    const graph = builder.build([]);
    const [average] = tensorsOfKind(graph, 'slot');
    const weights = initializeWeights(graph, 1);
    expect(weights.get(average!)).toEqual(weights.get(weight));
    const given = new Map<Tensor, ArrayLike<number>>(weights).set(average!, [1, 2, 3]).set(next, [4, -4, 0]);
    const constants = tensorsOfKind(graph, 'constant').map((tensor) => [tensor, tensor.values] as const);
    const values = evaluate(graph, new Map([...given, ...constants]));
    const expected = [0.97 + 0.12, 1.94 - 0.12, 2.91];
    for (const [index, value] of values.get(graph.updates.get(average!)!)!.entries())
      expect(value).toBeCloseTo(expected[index]!, 12);
  });
});
