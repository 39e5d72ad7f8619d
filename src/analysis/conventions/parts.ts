import { operandsOf, type Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { asOperator } from '../../operators/registry.ts';
import type { NodeCounts } from '../count.ts';

/** What counting tools have rules for. Activation functions go by their own names. */
export type PartKind =
  | 'convolution'
  | 'dense'
  | 'matrix product'
  | 'weight standardization'
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
  const { node, perUpdate } = counts;
  const bias = node.operands['bias'];
  const outputs = node.outputs.reduce((sum, { shape }) => sum + size(shape), 0);
  const images = node.outputs[0]?.shape[0] ?? 1;
  let [inputs, weights, newParameters, newBuffers] = [-1, 0, 0, 0];
  for (const tensor of operandsOf(node)) {
    if (tensor === bias) continue;
    const elements = size(tensor.shape);
    if (inputs < 0) inputs = elements;
    if (tensor.kind === 'parameter') weights += elements;
    if ((tensor.kind !== 'parameter' && tensor.kind !== 'buffer') || seen.has(tensor)) continue;
    seen.add(tensor);
    if (tensor.kind === 'parameter') newParameters += elements;
    else newBuffers += elements;
  }
  const main: Part = {
    kind: kindOf(counts),
    label: counts.operator,
    inputs,
    outputs,
    images,
    weights,
    affine: node.operands['scale'] !== undefined,
    operations: counts.macs + counts.arithmetic + counts.transcendental - (bias ? outputs : 0),
    newParameters,
    newBuffers,
    perUpdate,
  };
  if (!bias) return [main];
  const biasElements = size(bias.shape);
  const isNew = bias.kind === 'parameter' && !seen.has(bias);
  seen.add(bias);
  const added: Part = {
    kind: 'bias',
    label: `bias of ${counts.operator}`,
    inputs: outputs,
    outputs,
    images,
    weights: biasElements,
    affine: false,
    operations: outputs,
    newParameters: isNew ? biasElements : 0,
    newBuffers: 0,
    perUpdate,
  };
  return [main, added];
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
    if (name !== 'mean' || axes[0] !== 2 || axes[1] !== 3) return 'reduction';
    // Tools tell the two means apart because implementations write them differently; here the layer's name does.
    return node.name.endsWith('.squeeze') ? 'squeeze' : 'global pooling';
  }
  return kindsOfOperators[node.operator.name] ?? 'elementwise';
}

const kindsOfOperators: Readonly<Record<string, PartKind>> = {
  conv2d: 'convolution',
  dense: 'dense',
  matmul: 'matrix product',
  weightStandardization: 'weight standardization',
  batchNorm: 'batch norm',
  softmax: 'softmax',
  reshape: 'layout',
  transpose: 'layout',
  concat: 'layout',
  slice: 'layout',
};
