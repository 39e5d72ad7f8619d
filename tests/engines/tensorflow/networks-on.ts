import { describe, expect, it } from 'vitest';
import type { Device, DeviceName } from '../../../src/engines/engine.ts';
import { deviceOf } from '../../../src/engines/registry.ts';
import { initializeWeights, randomInputs } from '../../../src/engines/weights.ts';
import { sgd } from '../../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../../src/gradients/training-step.ts';
import { buildGraph, parseVariant } from '../../../src/models/variant.ts';
import { relativeError, runOn } from '../support.ts';
import { trainingCases } from '../training-cases.ts';
import { referenceStep, relativeDifference, smoothing, train } from '../training-support.ts';

/** The study's four networks at 64 pixels, in full. */
const wholeNetworks = ['b0@64', 'b0@64:g1', 'b0@64:g16,e4,gn4', 'b0@64:g16,e4,ln+pn'];

/** The tests of whole networks on a device: small ones against the definitions, B0 against ONNX Runtime. */
export function describeNetworksOn(name: DeviceName): void {
  const device = deviceOf('tensorflow', name);
  const onnxruntime = deviceOf('onnxruntime', 'cpu');

  describe(`one training step on tensorflow ${name} leaves the state that the definitions give`, () => {
    it.each(trainingCases)('%s, %s', async (variant, _, optimizer, options = {}) => {
      const graph = buildTrainingStep(parseVariant(variant), 4, { optimizer, ...smoothing, ...options });
      const expected = referenceStep(graph);
      const { losses, state } = await train(device, graph, 1, { stateAfter: 1 });
      expect(Math.abs(losses[0]! - expected.loss) / expected.loss).toBeLessThan(1e-5);
      expect([...state.keys()].sort()).toEqual([...expected.state.keys()].sort());
      for (const [tensor, values] of expected.state)
        expect(relativeDifference(state.get(tensor)!, values), tensor).toBeLessThan(1e-4);
    });
  });

  describe.each(wholeNetworks)(`%s on tensorflow ${name} agrees with onnxruntime`, (variant) => {
    it('in its logits', async () => {
      const graph = buildGraph(parseVariant(variant), 2);
      const logits = async (device: Device) =>
        (await runOn(device, graph, initializeWeights(graph, 1), randomInputs(graph, 2)))[0]!;
      expect(relativeError(await logits(device), await logits(onnxruntime))).toBeLessThan(1e-3);
    });

    it('in the loss and in every parameter after a step', async () => {
      const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
      const graph = buildTrainingStep(parseVariant(variant), 2, { optimizer, ...smoothing });
      const [actual, expected] = [
        await train(device, graph, 1, { stateAfter: 1 }),
        await train(onnxruntime, graph, 1, { stateAfter: 1 }),
      ];
      expect(Math.abs(actual.losses[0]! - expected.losses[0]!) / expected.losses[0]!).toBeLessThan(1e-3);
      expect([...actual.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
      for (const [tensor, values] of expected.state)
        expect(relativeError(actual.state.get(tensor)!, values), tensor).toBeLessThan(1e-3);
    });
  });
}
