import { describe, expect, it } from 'vitest';
import { deviceOf } from '../../src/engines/registry.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../src/gradients/training-step.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';
import { relativeError, runOnnxruntime, runReference } from './support.ts';

/** A small member of each family, at a size that is odd in some stage; most of the time is the engine's compiling. */
const families = [
  'efficientnet-lite0@36:w0.25',
  'efficientnetv2-b0@36:w0.25',
  'efficientnet-x-b0@36:w0.25',
  'tinynet-e@36',
  'mobilenetv1@36:w0.25',
  'mobilenetv2-035@36',
  'mobilenetv3-small-050@36',
  'ghostnet-050@36',
  'attentivenas-a0@36',
  'bignas-min@36',
];

/** Those whose blocks no other family has. */
const structures = families.filter((name) => !/^(efficientnet-lite|tinynet|mobilenetv2|bignas)/.test(name));

describe.each(structures)('%s on onnxruntime', (name) => {
  it('agrees with the definitions in double precision', async () => {
    const graph = buildGraph(parseVariant(name), 2);
    const weights = initializeWeights(graph, 1);
    const inputs = randomInputs(graph, 2);
    const [actual] = await runOnnxruntime(graph, weights, inputs);
    const [expected] = runReference(graph, weights, inputs);
    expect(relativeError(actual!, expected!)).toBeLessThan(1e-4);
  });
});

describe.each(families)('%s on onnxruntime', (name) => {
  it('trains: the loss starts where guessing does, and falls', async () => {
    const graph = buildTrainingStep(parseVariant(name), 4, {
      optimizer: sgd({ learningRate: 0.02, momentum: 0.5, weightDecay: 0 }),
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
      while (losses.length < 6) {
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
