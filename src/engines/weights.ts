import {
  tensorsOfKind,
  type BufferTensor,
  type Graph,
  type ParameterTensor,
  type Sample,
  type SlotTensor,
  type Tensor,
} from '../graph/graph.ts';
import { size, type Shape } from '../graph/shape.ts';
import { createRandom, type Random } from '../mathematics/random.ts';

/** Values of a graph's parameters, buffers and constants, by tensor. */
export type Weights = ReadonlyMap<Tensor, Float32Array>;

/**
 * Values for every tensor that is not computed and not fed in, by the graph's own initializers. Each tensor has a
 * random stream of its own, named like the tensor, so that two graphs share the values of what they share.
 */
export function initializeWeights(graph: Graph, seed: number): Weights {
  const weights = new Map<Tensor, Float32Array>();
  const byName = new Map<string, Float32Array>();
  for (const tensor of graph.tensors) {
    if (tensor.kind === 'input' || tensor.kind === 'computed') continue;
    const values =
      tensor.kind === 'constant' ? Float32Array.from(tensor.values) : initialValues(tensor, seed, byName);
    weights.set(tensor, values);
    byName.set(tensor.name, values);
  }
  return weights;
}

function initialValues(
  { name, shape, initializer }: ParameterTensor | BufferTensor | SlotTensor,
  seed: number,
  others: ReadonlyMap<string, Float32Array>,
): Float32Array {
  switch (initializer.kind) {
    case 'constant':
      return new Float32Array(size(shape)).fill(initializer.value);
    case 'uniform':
      return uniform(size(shape), initializer.rootMeanSquare, createRandom(seed, name));
    case 'sameAs': {
      const values = others.get(initializer.tensor);
      if (!values) throw new Error(`${name} starts as ${initializer.tensor}, which is not there before it`);
      return values.slice();
    }
  }
}

/** Uniform on ±√3·`rootMeanSquare`. */
function uniform(length: number, rootMeanSquare: number, random: Random): Float32Array {
  const range = 2 * Math.sqrt(3) * rootMeanSquare;
  return Float32Array.from({ length }, () => (random.uniform() - 0.5) * range);
}

/**
 * Values for a graph's inputs, drawn as each asks to be. Images are standard normal, never zeros, which flatter some
 * hardware.
 */
export function randomInputs(graph: Graph, seed: number): Map<string, Float32Array> {
  return new Map(
    tensorsOfKind(graph, 'input').map(({ name, shape, sample }) => [
      name,
      drawSample(sample, shape, createRandom(seed, name)),
    ]),
  );
}

function drawSample(sample: Sample, shape: Shape, random: Random): Float32Array {
  const length = size(shape);
  switch (sample.kind) {
    case 'normal':
      return Float32Array.from({ length }, () => random.normal());
    case 'mask':
      return Float32Array.from({ length }, () => (random.uniform() < sample.keep ? 1 / sample.keep : 0));
    case 'number':
      return new Float32Array(length).fill(sample.value);
    case 'labels': {
      const [images, classes] = shape as [number, number];
      const labels = new Float32Array(length).fill(sample.smoothing / (classes - 1));
      for (let image = 0; image < images; image++) {
        labels[image * classes + Math.floor(random.uniform() * classes)] = 1 - sample.smoothing;
      }
      return labels;
    }
  }
}
