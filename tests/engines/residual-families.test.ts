import { describe, expect, it } from 'vitest';
import { deviceOf } from '../../src/engines/registry.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../src/gradients/training-step.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';
import { relativeError, runOnnxruntime, runReference } from './support.ts';

/**
 * A small member of each family, at a size that is odd in some stage, and a learning rate: without a norm, or at unit
 * scale, networks stand less or need more.
 */
const families = [
  ['resnet-18@36:w0.25', 0.02],
  ['resnetv2-50@36:evonorm-b0,w0.125,d0.3', 0.02],
  ['resnetv2-50@36:evonorm-s0,w0.125,d0.3', 0.02],
  ['mobilenetv2-035@36:evonorm-s0,d0.3', 0.02],
  ['resnet-rs-50@36:w0.125,d0.3', 0.02],
  ['regnety-200mf@36', 0.02],
  ['convnext-t@36:w0.125,d0.3', 0.02],
  ['nf-resnet-26@36:w0.125,d0.5', 0.002],
  ['nf-regnet-b0@36:w0.25,d0.3', 0.01],
  ['nfnet-f0@36:g16,w0.125,d0.3', 0.004],
  ['lambda-resnet-26t@36:w0.125', 0.02],
  ['squeezenet-1.1@36:w0.25', 0.03],
] as const;

describe.each(families)('%s', (name, learningRate) => {
  it('on onnxruntime agrees with the definitions in double precision', async () => {
    const graph = buildGraph(parseVariant(name), 2);
    const weights = initializeWeights(graph, 1);
    const inputs = randomInputs(graph, 2);
    const [actual] = await runOnnxruntime(graph, weights, inputs);
    const [expected] = runReference(graph, weights, inputs);
    expect(relativeError(actual!, expected!)).toBeLessThan(1e-4);
  });

  it('trains on onnxruntime: the loss starts where guessing does, and falls', async () => {
    const graph = buildTrainingStep(parseVariant(name), 4, {
      optimizer: sgd({ learningRate, momentum: 0.5, weightDecay: 0 }),
      labelSmoothing: 0.1,
    });
    const executable = await deviceOf('onnxruntime', 'cpu').compile(graph, {
      weights: initializeWeights(graph, 1),
      threads: 2,
      precision: 'fp32',
    });
    try {
      const step = executable.bind(randomInputs(graph, 2));
      const losses: number[] = [];
      while (losses.length < 10) {
        await step.advance();
        losses.push([...(await step.outputs()).values()][0]![0]!);
      }
      expect(losses[0]).toBeCloseTo(Math.log(1000), 0);
      expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
    } finally {
      await executable.dispose();
    }
  }, 60_000);
});

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
