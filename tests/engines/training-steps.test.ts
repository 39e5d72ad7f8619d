import { describe, expect, it } from 'vitest';
import { deviceOf } from '../../src/engines/registry.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../src/gradients/training-step.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';
import { trainingCases } from './training-cases.ts';
import { referenceStep, relativeDifference, smoothing, train } from './training-support.ts';

const onnxruntime = deviceOf('onnxruntime', 'cpu');

describe('one training step on onnxruntime leaves the state that the definitions give', () => {
  it.each(trainingCases)(
    '%s, %s',
    async (name, _, optimizer, options = {}) => {
      const graph = buildTrainingStep(parseVariant(name), 4, { optimizer, ...smoothing, ...options });
      const expected = referenceStep(graph);
      const { losses, state } = await train(onnxruntime, graph, 1, { stateAfter: 1 });
      expect(Math.abs(losses[0]! - expected.loss) / expected.loss).toBeLessThan(1e-5);
      expect([...state.keys()].sort()).toEqual([...expected.state.keys()].sort());
      for (const [tensor, values] of expected.state)
        expect(relativeDifference(state.get(tensor)!, values), tensor).toBeLessThan(1e-4);
    },
    60_000,
  );
});

describe('twenty steps of B0 on one batch', () => {
  const variants = ['b0@64', 'b0@64:g16,e4,gn4', 'b0@64:g16,e4,ln+pn'];

  it.each(variants)(
    '%s: the loss falls, and a second run gives the same',
    async (name) => {
      const optimizer = sgd({ learningRate: 0.005, momentum: 0.5, weightDecay: 0 });
      const graph = buildTrainingStep(parseVariant(name), 4, { optimizer, ...smoothing });
      const first = await train(onnxruntime, graph, 20, { stateAfter: 2 });
      expect(first.losses[0]).toBeCloseTo(Math.log(1000), 0);
      const early = first.losses.slice(0, 6);
      expect(early).toEqual(early.toSorted((a, b) => b - a));
      for (const loss of first.losses.slice(-5)) expect(loss).toBeLessThan(first.losses[0]! / 4);
      const second = await train(onnxruntime, graph, 2, { stateAfter: 2 });
      expect(second.losses).toEqual(first.losses.slice(0, 2));
      for (const [tensor, values] of first.state)
        expect(Buffer.compare(bytes(values), bytes(second.state.get(tensor)!)), tensor).toBe(0);
    },
    60_000,
  );
});

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
