import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateMemory, largestBatch } from '../../src/analysis/memory.ts';
import { standardTrainingStep } from '../../src/analysis/training.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';
import { activation } from '../../src/operators/activation.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { reshape } from '../../src/operators/layout.ts';

describe('estimateMemory', () => {
  it('keeps each tensor from its computation to its last use', () => {
    // a (10) → b → c, then b + c: at the sum a is dead and b, c, d are alive; at c, b and c; a is an input and stays.
    const graph = new GraphBuilder('chain');
    const a = graph.input('a', [10]);
    const b = graph.apply(activation, 'b', { input: a }, { function: 'relu' });
    const c = graph.apply(activation, 'c', { input: b }, { function: 'relu' });
    const d = graph.apply(binary, 'd', { left: b, right: c }, { function: 'add' });
    const e = graph.apply(activation, 'e', { input: d }, { function: 'relu' });
    const estimate = estimateMemory(graph.build([e]));
    expect(estimate).toMatchObject({
      inputs: 40,
      activations: 120,
      peak: 160,
      peakAt: 'd',
      savedActivations: 0,
    });
  });

  it('counts a view as the tensor that it views, and as its use', () => {
    const graph = new GraphBuilder('views');
    const a = graph.input('a', [10]);
    const b = graph.apply(activation, 'b', { input: a }, { function: 'relu' });
    const view = graph.apply(reshape, 'view', { input: b }, { shape: [2, 5] });
    const c = graph.apply(activation, 'c', { input: view }, { function: 'relu' });
    expect(estimateMemory(graph.build([c]))).toMatchObject({ activations: 80, peak: 120 });
  });

  it.each(['b0', 'b0:g16,e4,gn4', 'b0:g16,e4,ln+pn'])(
    'of a %s step: parts sum to the peak, state counts once',
    (name) => {
      const variant = parseVariant(name);
      const step = estimateMemory(standardTrainingStep(variant, 4, 'rmsprop'));
      const { parameters, buffers, optimizerState, inputs, gradients, activations, peak } = step;
      expect(parameters + buffers + optimizerState + inputs + gradients + activations).toBe(peak);
      // RMSProp with momentum keeps two numbers per parameter.
      expect(optimizerState).toBe(2 * parameters);
      expect(step.savedActivations).toBeGreaterThan(0.5 * activations);
      expect(peak).toBeGreaterThan(estimateMemory(buildGraph(variant, 4)).peak);
    },
  );

  it('grows in proportion to the batch, but for the weights', () => {
    const variant = parseVariant('b0@64:w0.5');
    const peaks = [8, 16, 32].map(
      (batch) => estimateMemory(standardTrainingStep(variant, batch, 'sgd')).peak,
    );
    const [small = 0, middle = 0, large = 0] = peaks;
    // The peak may move to another node, so the line has corners.
    expect((large - middle) / (2 * (middle - small))).toBeCloseTo(1, 1);
  });
});

describe('largestBatch', () => {
  it('is the last batch that fits, for any peak that does not fall', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 1, max: 10_000_000 }),
        (fixed, slope, extra, bytes) => {
          const peakAt = (batch: number) => Math.max(fixed + slope * batch, (slope + extra) * batch);
          const batch = largestBatch(bytes, peakAt);
          if (batch > 0) expect(peakAt(batch)).toBeLessThanOrEqual(bytes);
          expect(peakAt(Math.max(2, batch + 1))).toBeGreaterThan(bytes);
        },
      ),
    );
  });
});
