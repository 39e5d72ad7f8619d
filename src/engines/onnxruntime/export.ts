import type { Graph } from '../../graph/graph.ts';
import { initializeWeights } from '../weights.ts';
import { lowerGraph } from './lower.ts';
import { encodeModel } from './onnx/encode.ts';

/** The graph with seeded weights as the bytes of an `.onnx` file; the same model that is timed. */
export function exportOnnx(graph: Graph, seed: number): Uint8Array {
  const metadata = { variant: graph.name, weights: `untrained, drawn with seed ${seed}` };
  return encodeModel(lowerGraph(graph, initializeWeights(graph, seed), metadata));
}
