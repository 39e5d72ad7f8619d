import type { Graph } from '../../graph/graph.ts';
import { dispatch } from '../../operators/registry.ts';
import type { Weights } from '../weights.ts';
import { Emitter } from './emitter.ts';
import { lowerings } from './lowerings.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from './onnx/model.ts';

/**
 * The graph as an ONNX model: tensors keep their names, weights are constants in the order in which the graph defines
 * them. Constant weights let ONNX Runtime choose its blocked layouts.
 */
export function lowerGraph(
  graph: Graph,
  weights: Weights,
  metadata: Readonly<Record<string, string>>,
): OnnxModel {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  for (const tensor of graph.tensors) {
    const values = weights.get(tensor);
    if (values) initializers.push({ name: tensor.name, shape: tensor.shape, type: 'float', values });
  }
  for (const node of graph.nodes) {
    const emitter = new Emitter(node.name);
    dispatch(lowerings, node, emitter);
    nodes.push(...emitter.nodes);
    initializers.push(...emitter.initializers);
  }
  const inputs = graph.tensors.filter((tensor) => tensor.kind === 'input');
  return { name: graph.name, metadata, nodes, initializers, inputs, outputs: graph.outputs };
}
