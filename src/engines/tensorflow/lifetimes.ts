import { operandsOf, type Graph, type Node, type Tensor } from '../../graph/graph.ts';

/** A node, and the computed tensors that nobody reads after it. */
export interface Instruction {
  readonly node: Node;
  readonly lastUsed: readonly Tensor[];
}

/**
 * The nodes of a graph in their order, each with what may be freed after it; `kept` tensors stay. A result that
 * nobody reads is freed after the node that computes it.
 */
export function withLifetimes(nodes: readonly Node[], kept: ReadonlySet<Tensor>): Instruction[] {
  const free = new Set<Tensor>(kept);
  const computed = new Set(nodes.flatMap(({ outputs }) => outputs));
  const instructions = nodes.toReversed().map((node): Instruction => {
    const lastUsed = [...node.outputs, ...operandsOf(node)].filter((tensor) => {
      const isLast = computed.has(tensor) && !free.has(tensor);
      free.add(tensor);
      return isLast;
    });
    return { node, lastUsed };
  });
  return instructions.reverse();
}

/** What is still there after a step: the outputs and the next state. */
export function survivorsOf(graph: Graph): Set<Tensor> {
  return new Set([...graph.outputs, ...graph.updates.values()]);
}
