import { tensorsOfKind, type Graph, type Tensor } from '../../graph/graph.ts';
import { dispatch, type OperatorTable } from '../../operators/registry.ts';
import type { Weights } from '../weights.ts';
import { isBlockedCopy } from './blocked/layout.ts';
import { Emitter } from './emitter.ts';
import { standardLowerings } from './standard/table.ts';
import type { Detour } from '../emulation.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from './onnx/model.ts';

/** A model, and what is known of it beside what the file says. */
export interface LoweredModel extends OnnxModel {
  readonly detours: readonly Detour[];
  /** Forward results of which a blocked copy is kept for the backward pass. */
  readonly copied: ReadonlySet<Tensor>;
}

/**
 * The graph as an ONNX model: tensors keep their names. State that the graph updates (parameters of a training step,
 * running statistics, optimizer slots) goes in after the inputs and its successors come out after the outputs; all
 * other values are constants, in the order in which the graph defines them. Constant weights let ONNX Runtime choose
 * its blocked layouts. `table` says how each operator is written; standard ONNX operators by default.
 */
export function lowerGraph(
  graph: Graph,
  weights: Weights,
  metadata: Readonly<Record<string, string>>,
  table: OperatorTable<Emitter, void> = standardLowerings,
): LoweredModel {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const detours: Detour[] = [];
  const tensors = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  const forwardCopies = new Map<string, Tensor>();
  const copied = new Set<Tensor>();
  for (const tensor of graph.tensors) {
    const values = graph.updates.has(tensor) ? undefined : weights.get(tensor);
    if (values) initializers.push({ name: tensor.name, shape: tensor.shape, type: 'float', values });
  }
  for (const node of graph.nodes) {
    const emitter = new Emitter(node.name);
    dispatch(table, node, emitter);
    nodes.push(...emitter.nodes);
    initializers.push(...emitter.initializers);
    detours.push(...emitter.detours);
    for (const written of emitter.nodes) {
      const original = isBlockedCopy(written) ? tensors.get(written.inputs[0]!) : undefined;
      if (node.pass !== 'forward') {
        for (const input of written.inputs)
          if (forwardCopies.has(input)) copied.add(forwardCopies.get(input)!);
      } else if (original) forwardCopies.set(written.outputs[0]!, original);
    }
  }
  const outputs = [...graph.outputs, ...graph.updates.values()];
  return {
    name: graph.name,
    metadata,
    nodes: withoutUnused(
      nodes,
      outputs.map(({ name }) => name),
    ),
    initializers,
    inputs: [...tensorsOfKind(graph, 'input'), ...graph.updates.keys()],
    outputs,
    detours,
    copied,
  };
}

/**
 * The nodes that the outputs need. Lowerings that look through a product leave it without a reader, and ONNX Runtime
 * would still compute it.
 */
function withoutUnused(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return kept.reverse();
}
