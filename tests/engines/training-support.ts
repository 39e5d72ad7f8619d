import { expect } from 'vitest';
import type { Device } from '../../src/engines/engine.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';

export const smoothing = { labelSmoothing: 0.1 } as const;

/** The state after one step by the operators' definitions, by name, and the loss. */
export function referenceStep(graph: Graph): { loss: number; state: Map<string, Float64Array> } {
  const given = new Map<Tensor, ArrayLike<number>>(initializeWeights(graph, 1));
  const inputs = randomInputs(graph, 2);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  const values = evaluate(graph, given);
  const state = [...graph.updates].map(([tensor, next]) => [tensor.name, values.get(next)!] as const);
  return { loss: values.get(graph.outputs[0]!)![0]!, state: new Map(state) };
}

/** Losses of some steps on one batch, and the state after `stateAfter` of them. */
export async function train(
  device: Device,
  graph: Graph,
  steps: number,
  { stateAfter }: { stateAfter: number },
) {
  const executable = await device.compile(graph, {
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
export function relativeDifference(actual: Float32Array, expected: Float32Array | Float64Array): number {
  expect(actual).toHaveLength(expected.length);
  let largest = 1e-3;
  let difference = 0;
  expected.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - actual[index]!));
  });
  return difference / largest;
}
