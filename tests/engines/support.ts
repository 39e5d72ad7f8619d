import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';
import { size } from '../../src/graph/shape.ts';
import { Emitter } from '../../src/engines/onnxruntime/emitter.ts';
import { standardLowerings } from '../../src/engines/onnxruntime/standard/table.ts';
import { encodeModel } from '../../src/engines/onnxruntime/onnx/encode.ts';
import { deviceOf } from '../../src/engines/registry.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import type { Device } from '../../src/engines/engine.ts';
import type { Weights } from '../../src/engines/weights.ts';
import { createRandom } from '../../src/mathematics/random.ts';
import { dispatch } from '../../src/operators/registry.ts';

/** A graph of one operator over inputs of the given shapes; `body` returns the result or the results. */
export function smallGraph(
  shapes: Readonly<Record<string, readonly number[]>>,
  body: (graph: GraphBuilder, inputs: Record<string, Tensor>) => Tensor | readonly Tensor[],
): Graph {
  const graph = new GraphBuilder('small');
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]),
  );
  const results = body(graph, inputs);
  return graph.build('kind' in results ? [results] : results);
}

/** Normal values for each input, shifted so that `positive` inputs may stand under a root or a logarithm. */
export function normalInputs(
  graph: Graph,
  seed: number,
  positive: readonly string[] = [],
): Map<string, Float32Array> {
  return new Map(
    graph.tensors
      .filter((tensor) => tensor.kind === 'input')
      .map(({ name, shape }) => {
        const random = createRandom(seed, name);
        const value = () => (positive.includes(name) ? Math.abs(random.normal()) + 0.1 : random.normal());
        return [name, Float32Array.from({ length: size(shape) }, value)];
      }),
  );
}

/** The values of a graph's constants, for graphs that have nothing else to be initialized. */
export function constantsOf(graph: Graph): Weights {
  return new Map(
    tensorsOfKind(graph, 'constant').map((tensor) => [tensor, Float32Array.from(tensor.values)]),
  );
}

/** The outputs of one run on the engine as it is used. */
export function runOnnxruntime(
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<Float32Array[]> {
  return runOn(deviceOf('onnxruntime', 'cpu'), graph, weights, inputs);
}

/** The outputs of one run on a device. */
export async function runOn(
  device: Device,
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<Float32Array[]> {
  const executable = await device.compile(graph, { weights, threads: 1, precision: 'fp32' });
  try {
    const step = executable.bind(inputs);
    await step.advance();
    const results = await step.outputs();
    return graph.outputs.map(({ name }) => results.get(name)!);
  } finally {
    await executable.dispose();
  }
}

/** The outputs of one run of the plain lowerings, whatever faster forms the engine would take. */
export async function runPlainLowerings(
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<Float32Array[]> {
  const emitters = graph.nodes.map((node) => {
    const emitter = new Emitter(node.name);
    dispatch(standardLowerings, node, emitter);
    return emitter;
  });
  const constants = [...weights].map(([{ name, shape }, values]) => {
    return { name, shape, type: 'float' as const, values };
  });
  const model = encodeModel({
    name: graph.name,
    metadata: {},
    nodes: emitters.flatMap(({ nodes }) => nodes),
    initializers: [...constants, ...emitters.flatMap(({ initializers }) => initializers)],
    inputs: tensorsOfKind(graph, 'input'),
    outputs: graph.outputs,
  });
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  try {
    const feeds = tensorsOfKind(graph, 'input').map(({ name, shape }) => {
      return [name, new OnnxTensor('float32', inputs.get(name)!, shape)] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    return graph.outputs.map(({ name }) => results[name]!.data as Float32Array);
  } finally {
    await session.release();
  }
}

/** The outputs by the operators' definitions, in double precision. */
export function runReference(
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Float64Array[] {
  const given = new Map<Tensor, ArrayLike<number>>(weights);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  const values = evaluate(graph, given);
  return graph.outputs.map((output) => values.get(output)!);
}

/** Largest difference in relation to the largest magnitude that was expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let magnitude = 0;
  for (let index = 0; index < expected.length; index++) {
    difference = Math.max(difference, Math.abs((actual[index] ?? NaN) - (expected[index] ?? NaN)));
    magnitude = Math.max(magnitude, Math.abs(expected[index] ?? NaN));
    if (Number.isNaN(difference)) return Infinity;
  }
  return difference / magnitude;
}
