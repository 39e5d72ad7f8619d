/**
 * Every device of every engine against ONNX Runtime on the processor, which other tests hold to the definitions: logits,
 * loss, and every parameter and statistic after one step of gradient descent, from the same weights on the same images.
 */
import { describe, expect, it } from 'vitest';
import type { Device, DeviceName, EngineName } from '../../../src/engines/engine.ts';
import { deviceOf } from '../../../src/engines/registry.ts';
import { initializeWeights, randomInputs } from '../../../src/engines/weights.ts';
import { sgd } from '../../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../../src/gradients/training-step.ts';
import type { Graph, Tensor } from '../../../src/graph/graph.ts';
import { parseVariant } from '../../../src/models/variants/variant.ts';

/** The study's three kinds of network at B0: depthwise with batch norm, groups with group norm, groups with proxy norm. */
const parityVariants = ['b0@64', 'b0@64:g16,e4,gn4', 'b0@64:g16,e4,ln+pn'] as const;

const tolerance = 1e-3;

/** A limit for what hangs: software compiles and runs a step's shaders in half a minute of two free cores. */
const timeout = 900_000;

/** One test a variant. */
export function describeParity(
  engine: EngineName,
  device: DeviceName,
  variants: readonly string[] = parityVariants,
): void {
  describe(`${engine} on ${device} computes what onnxruntime on cpu computes`, () => {
    it.each(variants)('%s: logits, loss, and all state after a step', { timeout }, async (name) => {
      const graph = stepWithLogits(name);
      const expected = await resultsOn(deviceOf('onnxruntime', 'cpu'), graph);
      const actual = await resultsOn(deviceOf(engine, device), graph);
      expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
      const wrong = [...expected]
        .map(([tensor, values]) => ({ tensor, error: relativeDifference(actual.get(tensor)!, values) }))
        .filter(({ error }) => !(error < tolerance));
      expect(wrong).toEqual([]);
    });
  });
}

/** A training step that also gives the logits that the loss was computed from. */
function stepWithLogits(name: string): Graph {
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
  const graph = buildTrainingStep(parseVariant(name), 2, { optimizer, labelSmoothing: 0.1 });
  const { logits } = graph.nodes.find(({ operator }) => operator.name === 'softmaxCrossEntropy')!
    .operands as Readonly<Record<string, Tensor>>;
  return { ...graph, outputs: [...graph.outputs, logits!] };
}

async function resultsOn(device: Device, graph: Graph): Promise<Map<string, Float32Array>> {
  const executable = await device.compile(graph, {
    weights: initializeWeights(graph, 1),
    threads: 2,
    precision: 'fp32',
  });
  try {
    const step = executable.bind(randomInputs(graph, 2));
    await step.advance();
    return new Map([...(await step.outputs()), ...(await executable.state())]);
  } finally {
    await executable.dispose();
  }
}

/** Largest difference in relation to the largest magnitude, or to a thousandth where all is next to nothing. */
function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return (
    expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index]!)), 0) / largest
  );
}
