import { describe, expect, it } from 'vitest';
import type { DeviceName } from '../../../src/engines/engine.ts';
import { deviceOf } from '../../../src/engines/registry.ts';
import { buildTrainingStep } from '../../../src/gradients/training-step.ts';
import { parseVariant } from '../../../src/models/variants/variant.ts';
import { trainingCases } from '../training-cases.ts';
import { referenceStep, relativeDifference, smoothing, train } from '../training-support.ts';

/** Largest relative differences from double precision after one step. */
interface Tolerance {
  readonly loss: number;
  readonly state: number;
}

/** The tests of small networks of every kind on a device, against the definitions in double precision. */
export function describeNetworksOn(name: DeviceName, tolerance: Tolerance): void {
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
}
