import type { AnyOperator, Traffic, Work } from './operator.ts';
import { size, type Shape } from './shape.ts';

/** Where in a network a node stands, from the outside in: `stages.3` / `stages.3.1` / `stages.3.1.expand`. */
export interface Scope {
  readonly stage: string;
  readonly block: string;
  readonly layer: string;
}

/**
 * How a parameter starts: uniform around 0 with that root mean square, one value everywhere, or as another tensor does.
 */
export type Initializer =
  | { readonly kind: 'uniform'; readonly rootMeanSquare: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'sameAs'; readonly tensor: string };

interface TensorBase {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * What an input is fed with when there is no data: standard normal images; one-hot labels smoothed by a part of 1; masks
 * that keep each element with a probability and divide it by that; a number.
 */
export type Sample =
  | { readonly kind: 'normal' }
  | { readonly kind: 'labels'; readonly smoothing: number }
  | { readonly kind: 'mask'; readonly keep: number }
  | { readonly kind: 'number'; readonly value: number };

/** Fed in at every step. */
export interface InputTensor extends TensorBase {
  readonly kind: 'input';
  readonly sample: Sample;
}

/** Learned. */
export interface ParameterTensor extends TensorBase {
  readonly kind: 'parameter';
  readonly initializer: Initializer;
}

/** State that is not learned by gradient: batch norm's running statistics. */
export interface BufferTensor extends TensorBase {
  readonly kind: 'buffer';
  readonly initializer: Initializer;
}

/** State of the optimizer: one per parameter and kind. Starts at one value everywhere. */
export interface SlotTensor extends TensorBase {
  readonly kind: 'slot';
  readonly initializer: Initializer;
}

/** Fixed numbers that are part of the definition: proxy norm's quantiles, the 1 in 1 + γ̃. */
export interface ConstantTensor extends TensorBase {
  readonly kind: 'constant';
  readonly values: Float64Array;
}

/** Computed by a node. */
export interface ComputedTensor extends TensorBase {
  readonly kind: 'computed';
}

export type Tensor =
  InputTensor | ParameterTensor | BufferTensor | SlotTensor | ConstantTensor | ComputedTensor;

/** The part of a training step that a node belongs to; an inference graph is all `forward`. */
export type Pass = 'forward' | 'dataGradient' | 'weightGradient' | 'optimizer';

/** One application of an operator. */
export interface Node {
  readonly name: string;
  readonly scope: Scope;
  readonly pass: Pass;
  readonly operator: AnyOperator;
  readonly operands: Readonly<Record<string, Tensor | undefined>>;
  readonly attributes: object;
  readonly outputs: readonly Tensor[];
}

/** A network as tensors and operators; nodes stand in an order in which they can run. */
export interface Graph {
  readonly name: string;
  readonly tensors: readonly Tensor[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Tensor[];
  /** State (parameters, buffers, slots) and the tensor that replaces it after the step; empty for inference. */
  readonly updates: ReadonlyMap<Tensor, Tensor>;
}

/** The operands that are there, in the operator's order. */
export function operandsOf(node: Node): Tensor[] {
  const operands: Tensor[] = [];
  for (const name in node.operands) {
    const tensor = node.operands[name];
    if (tensor) operands.push(tensor);
  }
  return operands;
}

export function tensorsOfKind<Kind extends Tensor['kind']>({ tensors }: Pick<Graph, 'tensors'>, kind: Kind) {
  return tensors.filter((tensor): tensor is Extract<Tensor, { kind: Kind }> => tensor.kind === kind);
}

/** The node's cost, asked of its operator with the shapes that the node has. */
export function costOf(node: Node): { work: Work; traffic: Traffic } {
  const operands: Record<string, Shape> = {};
  for (const name in node.operands) {
    const tensor = node.operands[name];
    if (tensor) operands[name] = tensor.shape;
  }
  const application = {
    operands: operands as never,
    outputs: node.outputs.map((tensor) => tensor.shape),
    attributes: node.attributes as never,
  };
  return {
    work: node.operator.work(application),
    traffic: node.operator.traffic?.(application) ?? {
      read: totalSize(operandsOf(node)),
      written: totalSize(node.outputs),
    },
  };
}

/** Elements of all of them. */
export function totalSize(tensors: readonly Tensor[]): number {
  let total = 0;
  for (const { shape } of tensors) total += size(shape);
  return total;
}

/**
 * The nodes that no input reaches: they depend on parameters alone (proxy norm's statistics), so an engine computes
 * them once per update of the parameters, not once per step.
 */
export function parameterOnlyNodes(graph: Graph): ReadonlySet<Node> {
  const fixed = new Set<Tensor>(graph.tensors.filter((t) => t.kind !== 'input' && t.kind !== 'computed'));
  const nodes = new Set<Node>();
  for (const node of graph.nodes) {
    if (!operandsOf(node).every((tensor) => fixed.has(tensor))) continue;
    nodes.add(node);
    for (const output of node.outputs) fixed.add(output);
  }
  return nodes;
}
