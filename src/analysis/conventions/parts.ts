import type { Tensor } from '../../graph/graph.ts';
import { operandsOf } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { asOperator } from '../../operators/registry.ts';
import type { NodeCounts } from '../count.ts';

/** What counting tools have rules for. Activation functions go by their own names. */
export type PartKind =
  | 'convolution'
  | 'dense'
  | 'matrix product'
  | 'bias'
  | 'batch norm'
  | 'group norm'
  | 'instance norm'
  | 'squeeze'
  | 'global pooling'
  | 'max pooling'
  | 'average pooling'
  | 'softmax'
  | 'elementwise'
  | 'reduction'
  | 'layout'
  | ActivationName;

/** A node, or the bias of one: the unit that a tool counts by some rule or does not see. */
export interface Part {
  readonly kind: PartKind;
  /** What it is called in a list of what a tool does not see. */
  readonly label: string;
  /** Elements of the first operand and of the result. */
  readonly inputs: number;
  readonly outputs: number;
  /** Images in the batch. */
  readonly images: number;
  /** Elements of the learned operands: a weight, or a norm's scale and offset. */
  readonly weights: number;
  /** A norm that scales; PyTorch's norms then shift as well. */
  readonly affine: boolean;
  /** As ecfx counts it: MACs, other arithmetic and transcendental functions, one each. */
  readonly operations: number;
  /** Learned elements and running statistics that no part before this one used. */
  readonly newParameters: number;
  readonly newBuffers: number;
  /** Depends on parameters alone, so it is no part of the forward pass that tools trace. */
  readonly perUpdate: boolean;
}

/** Takes the nodes of a network apart. */
export function partsOf(nodes: readonly NodeCounts[]): Part[] {
  const seen = new Set<Tensor>();
  return nodes.flatMap((counts) => nodeParts(counts, seen));
}

function nodeParts(counts: NodeCounts, seen: Set<Tensor>): Part[] {
  const { node } = counts;
  const bias = node.operands['bias'];
  const operands = operandsOf(node).filter((tensor) => tensor !== bias);
  const outputs = node.outputs.reduce((sum, { shape }) => sum + size(shape), 0);
  const common = { outputs, images: node.outputs[0]?.shape[0] ?? 1, perUpdate: counts.perUpdate };
  const main: Part = {
    ...common,
    kind: kindOf(counts),
    label: counts.operator,
    inputs: size(operands[0]?.shape ?? []),
    weights: elements(operands.filter(({ kind }) => kind === 'parameter')),
    affine: node.operands['scale'] !== undefined,
    operations: counts.macs + counts.arithmetic + counts.transcendental - (bias ? outputs : 0),
    newParameters: elements(operands.filter((tensor) => isNew(tensor, 'parameter', seen))),
    newBuffers: elements(operands.filter((tensor) => isNew(tensor, 'buffer', seen))),
  };
  if (!bias) return [main];
  const added: Part = {
    ...common,
    kind: 'bias',
    label: `bias of ${counts.operator}`,
    inputs: outputs,
    weights: size(bias.shape),
    affine: false,
    operations: outputs,
    newParameters: isNew(bias, 'parameter', seen) ? size(bias.shape) : 0,
    newBuffers: 0,
  };
  return [main, added];
}

function isNew(tensor: Tensor, kind: Tensor['kind'], seen: Set<Tensor>): boolean {
  if (tensor.kind !== kind || seen.has(tensor)) return false;
  seen.add(tensor);
  return true;
}

function elements(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + size(shape), 0);
}

function kindOf({ node }: NodeCounts): PartKind {
  const activation = asOperator(node, 'activation');
  if (activation) return activation.attributes.function;
  const groupNorm = asOperator(node, 'groupNorm');
  if (groupNorm) {
    return groupNorm.attributes.groups === groupNorm.operands.input.shape[1] ? 'instance norm' : 'group norm';
  }
  const pool = asOperator(node, 'pool2d');
  if (pool) return `${pool.attributes.function} pooling`;
  const reduce = asOperator(node, 'reduce');
  if (reduce) {
    const { function: name, axes } = reduce.attributes;
    if (name !== 'mean' || axes.join() !== '2,3') return 'reduction';
    // Tools tell the two means apart because implementations write them differently; here the layer's name does.
    return node.name.endsWith('.squeeze') ? 'squeeze' : 'global pooling';
  }
  return kindsOfOperators[node.operator.name] ?? 'elementwise';
}

const kindsOfOperators: Readonly<Record<string, PartKind>> = {
  conv2d: 'convolution',
  dense: 'dense',
  matmul: 'matrix product',
  batchNorm: 'batch norm',
  softmax: 'softmax',
  reshape: 'layout',
  transpose: 'layout',
  concat: 'layout',
  slice: 'layout',
};
