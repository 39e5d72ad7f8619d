import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { operandsOf } from '../graph/graph.ts';
import { sumTo } from '../operators/broadcasting.ts';

/**
 * A training step cut short, so that what its parts take can be told from differences: `forward` ends with the loss,
 * `backward` with the gradients, each summed to one number because something has to need it.
 */
export function stepUpTo(step: Graph, end: 'forward' | 'backward'): Graph {
  const nodes = step.nodes.filter(
    ({ pass }) => pass === 'forward' || (end === 'backward' && pass !== 'optimizer'),
  );
  const sums = end === 'backward' ? gradientsOf(step).map(summed) : [];
  return restrict(step, [...nodes, ...sums], [...step.outputs, ...sums.flatMap(({ outputs }) => outputs)]);
}

/** What the optimizer reads that the passes before it computed. */
function gradientsOf(step: Graph): Tensor[] {
  const computed = new Set(
    step.nodes.filter(({ pass }) => pass !== 'optimizer').flatMap(({ outputs }) => outputs),
  );
  const read = step.nodes.filter(({ pass }) => pass === 'optimizer').flatMap(operandsOf);
  return [...new Set(read)].filter((tensor) => computed.has(tensor));
}

function summed(gradient: Tensor): Node {
  const name = `${gradient.name}.total`;
  return {
    name,
    scope: { stage: '', block: '', layer: '' },
    pass: 'weightGradient',
    operator: sumTo,
    operands: { input: gradient },
    attributes: { shape: [] },
    outputs: [{ kind: 'computed', name, shape: [] }],
  };
}

/** The graph of these nodes alone: the tensors that they touch, and the updates that they compute. */
function restrict(graph: Graph, nodes: readonly Node[], outputs: readonly Tensor[]): Graph {
  const touched = new Set<Tensor>(nodes.flatMap((node) => [...operandsOf(node), ...node.outputs]));
  const updates = new Map(
    [...graph.updates].filter(([state, next]) => touched.has(state) && touched.has(next)),
  );
  return { name: graph.name, tensors: [...touched], nodes, outputs, updates };
}
