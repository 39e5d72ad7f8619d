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

interface Choice {
  /** Networks at 64 pixels that are held against ONNX Runtime. */
  readonly networks: readonly string[];
  /** Largest relative difference of a loss and of a parameter from double precision, after one step. */
  readonly tolerance: { readonly loss: number; readonly state: number };
}

const onnxruntime = deviceOf('onnxruntime', 'cpu');

/** The tests of whole networks on a device: small ones against the definitions, B0 against ONNX Runtime. */
export function describeNetworksOn(name: DeviceName, { networks, tolerance }: Choice): void {
  const device = deviceOf('tensorflow', name);

  describe(`one training step on tensorflow ${name} leaves the state that the definitions give`, () => {
    it.each(trainingCases)('%s, %s', async (variant, _, optimizer, options = {}) => {
      const graph = buildTrainingStep(parseVariant(variant), 4, { optimizer, ...smoothing, ...options });
      const expected = referenceStep(graph);
      const { losses, state } = await train(device, graph, 1, { stateAfter: 1 });
      expect(Math.abs(losses[0]! - expected.loss) / expected.loss).toBeLessThan(tolerance.loss);
      expect([...state.keys()].sort()).toEqual([...expected.state.keys()].sort());
      for (const [tensor, values] of expected.state)
        expect(relativeDifference(state.get(tensor)!, values), tensor).toBeLessThan(tolerance.state);
    });
  });

  describe.each(networks)(`%s on tensorflow ${name} agrees with onnxruntime`, (variant) => {
    it('in its logits', async () => {
      const graph = buildGraph(parseVariant(variant), 2);
      const logits = async (device: Device) =>
        (await runOn(device, graph, initializeWeights(graph, 1), randomInputs(graph, 2)))[0]!;
      expect(relativeError(await logits(device), await logits(onnxruntime))).toBeLessThan(1e-3);
    });

    it('in the loss and in every parameter after a step', async () => {
      const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
      const graph = buildTrainingStep(parseVariant(variant), 2, { optimizer, ...smoothing });
      const actual = await train(device, graph, 1, { stateAfter: 1 });
      const expected = await train(onnxruntime, graph, 1, { stateAfter: 1 });
      expect(Math.abs(actual.losses[0]! - expected.losses[0]!) / expected.losses[0]!).toBeLessThan(1e-3);
      expect([...actual.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
      for (const [tensor, values] of expected.state)
        expect(relativeDifference(actual.state.get(tensor)!, values), tensor).toBeLessThan(1e-3);
    });
  });
}
