import type { Node, Tensor } from '../graph/graph.ts';
import type { Operands, Operator } from '../graph/operator.ts';
import { activation, activationGradient } from './activation.ts';
import { broadcast, sumTo } from './broadcasting.ts';
import { conv2dFilterGradient, conv2dInputGradient } from './convolution-gradients.ts';
import { conv2d } from './convolution.ts';
import { binary, unary } from './elementwise.ts';
import { concat, reshape, slice, transpose } from './layout.ts';
import { softmaxCrossEntropy, softmaxCrossEntropyGradient } from './loss.ts';
import { dense, matmul } from './matrix-product.ts';
import {
  batchNorm,
  batchNormGradient,
  batchNormTraining,
  groupNorm,
  groupNormGradient,
  groupNormTraining,
} from './normalization.ts';
import { adamUpdate, rmspropUpdate, sgdUpdate } from './optimizers.ts';
import { pool2d, pool2dGradient } from './pooling.ts';
import { reduce, softmax } from './reduction.ts';
import { weightStandardization } from './weight-standardization.ts';

/** What only a training step is made of. */
const trainingOperators = {
  batchNormTraining,
  groupNormTraining,
  softmaxCrossEntropy,
  conv2dInputGradient,
  conv2dFilterGradient,
  batchNormGradient,
  groupNormGradient,
  activationGradient,
  pool2dGradient,
  softmaxCrossEntropyGradient,
  sgdUpdate,
  rmspropUpdate,
  adamUpdate,
} as const;

export type TrainingOperatorName = keyof typeof trainingOperators;

/** Every operator there is. An engine covers them all: `Record<OperatorName, …>`. */
export const operators = {
  conv2d,
  dense,
  matmul,
  batchNorm,
  groupNorm,
  weightStandardization,
  activation,
  binary,
  unary,
  pool2d,
  reduce,
  softmax,
  reshape,
  transpose,
  concat,
  slice,
  broadcast,
  sumTo,
  ...trainingOperators,
} as const;

export type OperatorName = keyof typeof operators;

type Definition<Name extends OperatorName> = (typeof operators)[Name];

/** A node of a known operator: its operands and attributes have that operator's types. */
export type NodeOf<Name extends OperatorName> =
  Definition<Name> extends Operator<string, infer Required, infer Optional, infer Attributes>
    ? Omit<Node, 'operands' | 'attributes'> & {
        readonly operands: Operands<Required, Optional, Tensor>;
        readonly attributes: Attributes;
      }
    : never;

/** What a reader does with each operator; the compiler asks for all of them. */
export type OperatorTable<Context, Result> = {
  readonly [Name in OperatorName]: (node: NodeOf<Name>, context: Context) => Result;
};

/** Applies a table's entry for the node's operator. Throws when the node's operator is not in the registry. */
export function dispatch<Context, Result>(
  table: OperatorTable<Context, Result>,
  node: Node,
  context: Context,
): Result {
  const { name } = node.operator;
  if (!Object.hasOwn(operators, name)) throw new Error(`${node.name}: ${name} is not a registered operator`);
  // The registry says that a node called `name` has that operator's operands and attributes.
  const entry = table[name as OperatorName] as (node: Node, context: Context) => Result;
  return entry(node, context);
}

/** The node as one of `name`, or undefined when it is another operator's. */
export function asOperator<Name extends OperatorName>(node: Node, name: Name): NodeOf<Name> | undefined {
  return node.operator.name === name ? (node as unknown as NodeOf<Name>) : undefined;
}
