import { costOf, operandsOf, parameterOnlyNodes, totalSize, type Graph, type Node } from '../graph/graph.ts';
import type { Work } from '../graph/operator.ts';
import { size } from '../graph/shape.ts';
import { convolutionKind } from '../operators/convolution.ts';
import { asOperator } from '../operators/registry.ts';

/**
 * The counting convention of ecfx.
 *
 * - MACs are those of convolutions, dense layers and matrix products, squeeze-and-excite included; biases, norms,
 *   activations, pooling and residual sums are *not* MACs. They are counted too, in buckets of their own.
 * - FLOPs are 2 × MACs. Other arithmetic and transcendental functions are never added to them.
 * - Activations are the elements that convolutions, dense layers and matrix products put out (Radosavovic et al.
 *   2020, §3).
 * - Bytes are what every operator must read and write if it ran on its own: each operand and each output once.
 * - What depends on parameters alone (the statistics of proxy norm) is computed once per update, not per image: it is
 *   counted apart, as `perUpdate`.
 */
export const bytesPerElement = 4;

export interface Counts extends Work {
  readonly parameters: number;
  /** State that is not learned: batch norm's running statistics. */
  readonly buffers: number;
  readonly activations: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What one node costs for the whole batch; parameters belong to the first node that uses them. */
export interface NodeCounts extends Counts {
  readonly node: Node;
  /** What the operator is called in tables: `conv2d (depthwise)`, `activation (swish)`. */
  readonly operator: string;
  /** Depends on parameters alone: computed once per update. */
  readonly perUpdate: boolean;
}

export const noCounts: Counts = {
  parameters: 0,
  buffers: 0,
  macs: 0,
  arithmetic: 0,
  transcendental: 0,
  activations: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

/** Counts every node of a graph. */
export function countNodes(graph: Graph): NodeCounts[] {
  const perUpdate = parameterOnlyNodes(graph);
  const owned = new Set<unknown>();
  return graph.nodes.map((node) => {
    const { work, traffic } = costOf(node);
    let parameters = 0;
    let buffers = 0;
    for (const tensor of operandsOf(node)) {
      if ((tensor.kind !== 'parameter' && tensor.kind !== 'buffer') || owned.has(tensor)) continue;
      owned.add(tensor);
      if (tensor.kind === 'parameter') parameters += size(tensor.shape);
      else buffers += size(tensor.shape);
    }
    return {
      node,
      operator: operatorLabel(node),
      perUpdate: perUpdate.has(node),
      macs: work.macs,
      arithmetic: work.arithmetic,
      transcendental: work.transcendental,
      parameters,
      buffers,
      activations: work.macs > 0 ? totalSize(node.outputs) : 0,
      bytesRead: traffic.read * bytesPerElement,
      bytesWritten: traffic.written * bytesPerElement,
    };
  });
}

/** The sum, field by field, of the counts that are wanted. */
export function sumCounts<Item extends Counts>(
  counts: Iterable<Item>,
  isWanted: (count: Item) => boolean = () => true,
): Counts {
  const sum: { -readonly [Field in keyof Counts]: number } = { ...noCounts };
  for (const count of counts) {
    if (!isWanted(count)) continue;
    sum.parameters += count.parameters;
    sum.buffers += count.buffers;
    sum.macs += count.macs;
    sum.arithmetic += count.arithmetic;
    sum.transcendental += count.transcendental;
    sum.activations += count.activations;
    sum.bytesRead += count.bytesRead;
    sum.bytesWritten += count.bytesWritten;
  }
  return sum;
}

/** Counts of a whole network: what each step costs, and what each update of the parameters costs. */
export interface NetworkCounts {
  /** Of the batch that the graph was built for; parameters and buffers include those of `perUpdate` nodes. */
  readonly perStep: Counts;
  readonly perUpdate: Counts;
}

export function countNetwork(nodes: readonly NodeCounts[]): NetworkCounts {
  const perUpdate = sumCounts(nodes, (node) => node.perUpdate);
  const perStep = sumCounts(nodes, (node) => !node.perUpdate);
  return {
    perStep: {
      ...perStep,
      parameters: perStep.parameters + perUpdate.parameters,
      buffers: perStep.buffers + perUpdate.buffers,
    },
    perUpdate: { ...perUpdate, parameters: 0, buffers: 0 },
  };
}

/** 2 × MACs. */
export function flops({ macs }: Pick<Counts, 'macs'>): number {
  return 2 * macs;
}

/** All operations (2 per MAC, 1 per other arithmetic or transcendental) per byte moved; null where nothing moves. */
export function arithmeticIntensity(counts: Counts): number | null {
  const bytes = counts.bytesRead + counts.bytesWritten;
  return bytes === 0 ? null : (flops(counts) + counts.arithmetic + counts.transcendental) / bytes;
}

/** Levels by which counts can be grouped. */
export const groupings = {
  network: () => 'network',
  stage: ({ node }) => node.scope.stage,
  block: ({ node }) => node.scope.block,
  layer: ({ node }) => node.scope.layer,
  operator: ({ operator }) => operator,
} as const satisfies Record<string, (counts: NodeCounts) => string>;

export type Grouping = keyof typeof groupings;

/** Counts per stage, block, layer or operator, in the order in which the network meets them. */
export function groupCounts(nodes: readonly NodeCounts[], grouping: Grouping): Map<string, NetworkCounts> {
  const groups = new Map<string, NodeCounts[]>();
  for (const node of nodes) {
    const key = groupings[grouping](node);
    const group = groups.get(key);
    if (group) group.push(node);
    else groups.set(key, [node]);
  }
  return new Map([...groups].map(([key, members]) => [key, countNetwork(members)]));
}

function operatorLabel(node: Node): string {
  const convolution = asOperator(node, 'conv2d');
  if (convolution) {
    const { operands, attributes } = convolution;
    return `conv2d (${convolutionKind(operands.filter.shape, attributes.groups)})`;
  }
  const functional =
    asOperator(node, 'activation') ??
    asOperator(node, 'binary') ??
    asOperator(node, 'unary') ??
    asOperator(node, 'reduce') ??
    asOperator(node, 'pool2d');
  return functional ? `${node.operator.name} (${functional.attributes.function})` : node.operator.name;
}
