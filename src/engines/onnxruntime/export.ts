import type { Graph } from '../../graph/graph.ts';
import { initializeWeights } from '../weights.ts';
import { lowerGraph } from './lower.ts';
import { encodeModel } from './onnx/encode.ts';

/**
 * The graph with seeded weights as the bytes of an `.onnx` file, in standard operators that any runtime reads. What is
 * timed computes the same, with forms that only this version of ONNX Runtime knows.
 */
export function exportOnnx(graph: Graph, seed: number): Uint8Array {
  const metadata = { variant: graph.name, weights: `untrained, drawn with seed ${seed}` };
  return encodeModel(lowerGraph(graph, initializeWeights(graph, seed), metadata));
}
