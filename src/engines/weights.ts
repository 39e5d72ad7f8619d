import type { Graph, Tensor } from '../graph/graph.ts';
import { size } from '../graph/shape.ts';
import { createRandom, type Random } from '../mathematics/random.ts';

/** Values of a graph's parameters, buffers and constants, by tensor. */
export type Weights = ReadonlyMap<Tensor, Float32Array>;

/**
 * Values for every tensor that is not computed and not fed in, by the graph's own initializers. Each tensor has a
 * random stream of its own, named like the tensor, so that two graphs share the values of what they share.
 */
export function initializeWeights(graph: Graph, seed: number): Weights {
  const weights = new Map<Tensor, Float32Array>();
  for (const tensor of graph.tensors) {
    if (tensor.kind === 'constant') weights.set(tensor, Float32Array.from(tensor.values));
    if (tensor.kind === 'parameter' || tensor.kind === 'buffer') {
      const { initializer, shape, name } = tensor;
      weights.set(
        tensor,
        initializer.kind === 'constant'
          ? new Float32Array(size(shape)).fill(initializer.value)
          : uniform(size(shape), initializer.rootMeanSquare, createRandom(seed, name)),
      );
    }
  }
  return weights;
}

/** Uniform on ±√3·`rootMeanSquare`. */
function uniform(length: number, rootMeanSquare: number, random: Random): Float32Array {
  const range = 2 * Math.sqrt(3) * rootMeanSquare;
  return Float32Array.from({ length }, () => (random.uniform() - 0.5) * range);
}

/** Images for a graph's inputs: standard normal, never zeros, which flatter some hardware. */
export function randomInputs(graph: Graph, seed: number): Map<string, Float32Array> {
  const inputs = new Map<string, Float32Array>();
  for (const tensor of graph.tensors) {
    if (tensor.kind !== 'input') continue;
    const random = createRandom(seed, tensor.name);
    inputs.set(
      tensor.name,
      Float32Array.from({ length: size(tensor.shape) }, () => random.normal()),
    );
  }
  return inputs;
}
