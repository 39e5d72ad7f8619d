import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { deviceOf } from '../../src/engines/registry.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { adam } from '../../src/gradients/optimizers/adam.ts';
import type { Optimizer } from '../../src/gradients/optimizers/optimizer.ts';
import { rmsprop, studyRmsprop } from '../../src/gradients/optimizers/rmsprop.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep, type TrainingOptions } from '../../src/gradients/training-step.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';
import { parseVariant } from '../../src/models/variant.ts';

const smoothing = { labelSmoothing: 0.1 } as const;

/** The state after one step by the operators' definitions, by name, and the loss. */
function referenceStep(graph: Graph): { loss: number; state: Map<string, Float64Array> } {
  const given = new Map<Tensor, ArrayLike<number>>(initializeWeights(graph, 1));
  const inputs = randomInputs(graph, 2);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  const values = evaluate(graph, given);
  const state = [...graph.updates].map(([tensor, next]) => [tensor.name, values.get(next)!] as const);
  return { loss: values.get(graph.outputs[0]!)![0]!, state: new Map(state) };
}

/** Losses of some steps on one batch, and the state after `stateAfter` of them. */
async function train(graph: Graph, steps: number, { stateAfter }: { stateAfter: number }) {
  const executable = await deviceOf('onnxruntime', 'cpu').compile(graph, {
    weights: initializeWeights(graph, 1),
    threads: 2,
    precision: 'fp32',
  });
  try {
    const step = executable.bind(randomInputs(graph, 2));
    const losses: number[] = [];
    let state: ReadonlyMap<string, Float32Array> = new Map();
    while (losses.length < steps) {
      await step.advance();
      const [loss] = (await step.outputs()).values();
      losses.push(loss![0]!);
      if (losses.length === stateAfter)
        state = new Map([...(await executable.state())].map(([name, values]) => [name, values.slice()]));
    }
    return { losses, state };
  } finally {
    await executable.dispose();
  }
}

/** Largest difference in relation to the largest magnitude, or to a thousandth where all is next to nothing. */
function relativeDifference(actual: Float32Array, expected: Float64Array): number {
  expect(actual).toHaveLength(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return (
    expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index]!)), 0) / largest
  );
}

describe('one training step on onnxruntime leaves the state that the definitions give', () => {
  const descent = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
  const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-4 };
  const size = 'w0.1,d0.1';

  it.each<[string, string, Optimizer, Partial<TrainingOptions>?]>([
    [`b0@32:${size}`, 'sgd', descent],
    [`b0@33:symmetric,${size}`, 'sgd', descent],
    [`b0@33:g16,e4,gn4,${size}`, 'sgd', descent],
    [`b0@32:g8,in,hard-swish,${size}`, 'sgd', descent],
    [`b0@32:ln+pn,${size}`, 'sgd', descent],
    [`b0@32:g16,e4,ln+pn,${size}`, 'sgd', descent],
    [`b0@32:none,relu,${size}`, 'sgd', descent],
    [`b0@64:evonorm-b0,${size}`, 'sgd', descent],
    [`b0@32:evonorm-s0,${size}`, 'sgd', descent],
    [`b0@32:g16,e4,${size}`, 'rmsprop, weights averaged', rmsprop(studyRmsprop(768)), { averageDecay: 0.97 }],
    [`b0@32:gn4,${size}`, 'adam', adam({ learningRate: 0.001, weightDecay: 0.01, ...betas })],
  ])(
    '%s, %s',
    async (name, _, optimizer, options = {}) => {
      const graph = buildTrainingStep(parseVariant(name), 4, { optimizer, ...smoothing, ...options });
      const expected = referenceStep(graph);
      const { losses, state } = await train(graph, 1, { stateAfter: 1 });
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
      const first = await train(graph, 20, { stateAfter: 2 });
      expect(first.losses[0]).toBeCloseTo(Math.log(1000), 0);
      const early = first.losses.slice(0, 6);
      expect(early).toEqual(early.toSorted((a, b) => b - a));
      for (const loss of first.losses.slice(-5)) expect(loss).toBeLessThan(first.losses[0]! / 4);
      const second = await train(graph, 2, { stateAfter: 2 });
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
