import { countNetwork, countNodes, type NetworkCounts, type NodeCounts } from '../../src/analysis/count.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';

const cache = new Map<string, NodeCounts[]>();

/** The nodes of a variant's forward graph with their counts; counted once per test file. */
export function nodesOf(variant: string, batch = 1): NodeCounts[] {
  const key = `${variant} ${batch}`;
  let nodes = cache.get(key);
  if (nodes === undefined) {
    nodes = countNodes(buildGraph(parseVariant(variant), batch));
    cache.set(key, nodes);
  }
  return nodes;
}

export function countsOf(variant: string, batch = 1): NetworkCounts {
  return countNetwork(nodesOf(variant, batch));
}
