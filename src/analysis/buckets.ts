import type { Node } from '../graph/graph.ts';
import type { Shape } from '../graph/shape.ts';
import { dispatch, type OperatorTable } from '../operators/registry.ts';

/** What kinds of work a network's operators are, gradients with what they are gradients of. */
export const buckets = [
  'pointwise',
  'spatial',
  'normalization',
  'activation',
  'elementwise',
  'update',
] as const;

export type Bucket = (typeof buckets)[number];

/** Convolutions of single pixels are matrix products; those of windows move data about. */
function convolution([, , height = 1, width = 1]: Shape): Bucket {
  return height * width === 1 ? 'pointwise' : 'spatial';
}

const table: OperatorTable<null, Bucket> = {
  conv2d: ({ operands: { filter } }) => convolution(filter.shape),
  conv2dInputGradient: ({ operands: { filter } }) => convolution(filter.shape),
  conv2dFilterGradient: ({ attributes: { filterShape } }) => convolution(filterShape),
  dense: () => 'pointwise',
  matmul: () => 'pointwise',
  batchNorm: () => 'normalization',
  batchNormTraining: () => 'normalization',
  batchNormGradient: () => 'normalization',
  groupNorm: () => 'normalization',
  groupNormTraining: () => 'normalization',
  groupNormGradient: () => 'normalization',
  weightStandardization: () => 'normalization',
  activation: () => 'activation',
  activationGradient: () => 'activation',
  binary: () => 'elementwise',
  unary: () => 'elementwise',
  pool2d: () => 'elementwise',
  pool2dGradient: () => 'elementwise',
  reduce: () => 'elementwise',
  softmax: () => 'elementwise',
  softmaxCrossEntropy: () => 'elementwise',
  softmaxCrossEntropyGradient: () => 'elementwise',
  reshape: () => 'elementwise',
  transpose: () => 'elementwise',
  concat: () => 'elementwise',
  slice: () => 'elementwise',
  broadcast: () => 'elementwise',
  sumTo: () => 'elementwise',
  sgdUpdate: () => 'update',
  rmspropUpdate: () => 'update',
  adamUpdate: () => 'update',
};

export function bucketOf(node: Node): Bucket {
  return dispatch(table, node, null);
}
