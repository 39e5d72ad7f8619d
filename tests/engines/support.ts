import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph, Tensor } from '../../src/graph/graph.ts';
import { size } from '../../src/graph/shape.ts';
import { onnxruntime } from '../../src/engines/onnxruntime/engine.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import type { Weights } from '../../src/engines/weights.ts';
import { createRandom } from '../../src/mathematics/random.ts';

/** A graph of one operator over inputs of the given shapes; `body` returns the result. */
export function smallGraph(
  shapes: Readonly<Record<string, readonly number[]>>,
  body: (graph: GraphBuilder, inputs: Record<string, Tensor>) => Tensor,
): Graph {
  const graph = new GraphBuilder('small');
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)]),
  );
  return graph.build([body(graph, inputs)]);
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

export async function runOnnxruntime(
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Promise<Float32Array> {
  const executable = await onnxruntime.compile(graph, { weights, threads: 1 });
  try {
    return onlyOutput(graph, await executable.bind(inputs)());
  } finally {
    await executable.dispose();
  }
}

export function runReference(
  graph: Graph,
  weights: Weights,
  inputs: ReadonlyMap<string, Float32Array>,
): Float64Array {
  const given = new Map<Tensor, ArrayLike<number>>(weights);
  for (const tensor of graph.tensors) {
    const values = inputs.get(tensor.name);
    if (values) given.set(tensor, values);
  }
  const [output] = graph.outputs;
  const result = output && evaluate(graph, given).get(output);
  if (!result) throw new Error('the graph has no output');
  return result;
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

function onlyOutput(graph: Graph, results: ReadonlyMap<string, Float32Array>): Float32Array {
  const [output] = graph.outputs;
  const values = output && results.get(output.name);
  if (!values) throw new Error('the graph has no output');
  return values;
}
