import type { Graph, Tensor } from '../../../graph/graph.ts';
import type { NodeOf, OperatorTable } from '../../../operators/registry.ts';
import { blockedKind, lowerBlockedConv2d } from '../blocked/convolution.ts';
import {
  lowerBlockedDepthwiseFilterGradient,
  lowerBlockedGroupedFilterGradient,
  padsAfter,
} from '../blocked/filter-gradient.ts';
import { hasBlockedInputGradient, lowerBlockedInputGradient } from '../blocked/input-gradient.ts';
import { BlockedCopies } from '../blocked/layout.ts';
import type { Emitter } from '../emitter.ts';
import { lowerBatchNormGradient, lowerBatchNormTraining } from './batch-norm.ts';
import {
  gatedPointwise,
  lowerGatedPointwise,
  lowerGatedSum,
  lowerGateGradient,
  producersOf,
} from './gating.ts';
import { lowerGroupNorm, lowerGroupNormGradient, lowerGroupNormTraining } from './group-norm.ts';
import { foldableConvolution, lowerFoldedGroupNorm } from './folded-norm.ts';
import { flatUpdates } from './optimizers.ts';
import {
  lowerPointwiseFilterGradient,
  lowerPointwiseInputGradient,
  lowerUnfoldedFilterGradient,
} from './pointwise.ts';
import { lowerSwish, lowerSwishGradient, swishOutputs } from './swish.ts';

type Table = OperatorTable<Emitter, void>;

export interface FastOptions {
  readonly graph: Graph;
  /** Channels of a block of ONNX Runtime's blocked layout here, or undefined where it has none. */
  readonly block: number | undefined;
  /** Whether a tensor's values are known when the session is made; ONNX Runtime then chooses layouts by itself. */
  readonly isConstant: (tensor: Tensor) => boolean;
}

/** Most values a position of the unfolded first convolution. */
const mostUnfolded = 64;

/**
 * `plain` with the faster forms where they apply: by kind and shape, as measured (BENCHMARKS.md), never by timing at run time.
 */
export function fastLowerings(plain: Table, { graph, block, isConstant }: FastOptions): Table {
  const producers = producersOf(graph);
  const activated = swishOutputs(graph);
  const copies = new BlockedCopies(block ?? 1);
  return {
    ...plain,
    ...flatUpdates(plain),

    conv2d(node, emit) {
      const { filter, bias } = node.operands;
      const kind =
        block && !bias && !isConstant(filter) && !isPointwise(filter.shape)
          ? blockedKind(filter.shape, node.attributes.groups, block)
          : undefined;
      const gated = isConstant(filter) ? gatedPointwise(node, producers) : undefined;
      if (gated) lowerGatedPointwise(node, gated, emit);
      else if (kind) lowerBlockedConv2d(node, emit, copies, kind, 'ofRowsInOrder');
      else plain.conv2d(node, emit);
    },

    conv2dInputGradient(node, emit) {
      const { filter } = node.operands;
      const { stride, groups, pads } = node.attributes;
      const kind = block && blockedKind(filter.shape, groups, block);
      if (isPointwise(filter.shape) && stride === 1 && groups === 1 && isUnpadded(pads)) {
        lowerPointwiseInputGradient(node, emit);
      } else if (block && (kind === 'depthwise' || kind === 'grouped') && hasBlockedInputGradient(node)) {
        lowerBlockedInputGradient(node, emit, copies, block, kind);
      } else plain.conv2dInputGradient(node, emit);
    },

    conv2dFilterGradient(node, emit) {
      const { filterShape, stride, groups, pads, dilation } = node.attributes;
      const kind = block && blockedKind(filterShape, groups, block);
      if (isPointwise(filterShape) && stride === 1 && groups === 1 && isUnpadded(pads)) {
        lowerPointwiseFilterGradient(node, emit);
      } else if (kind === 'depthwise' && padsAfter(node).every((amount) => amount >= 0)) {
        lowerBlockedDepthwiseFilterGradient(node, emit, copies);
      } else if (block && kind === 'grouped' && filterShape[1] === block && dilation === 1) {
        lowerBlockedGroupedFilterGradient(node, emit, copies, block);
      } else if (groups === 1 && unfoldedSize(node) <= mostUnfolded) {
        lowerUnfoldedFilterGradient(node, emit);
      } else plain.conv2dFilterGradient(node, emit);
    },

    sumTo(node, emit) {
      if (!lowerGateGradient(node, emit, producers)) plain.sumTo(node, emit);
    },

    binary(node, emit) {
      if (!lowerGatedSum(node, emit, producers)) plain.binary(node, emit);
    },

    batchNormTraining: lowerBatchNormTraining,
    batchNormGradient: lowerBatchNormGradient,
    groupNorm(node, emit) {
      const convolution = foldableConvolution(node, producers, isConstant);
      if (convolution) lowerFoldedGroupNorm(node, convolution, emit);
      else lowerGroupNorm(node, emit);
    },
    groupNormTraining: lowerGroupNormTraining,
    groupNormGradient: lowerGroupNormGradient,

    activation(node, emit) {
      if (node.attributes.function === 'swish') lowerSwish(node, emit);
      else plain.activation(node, emit);
    },

    activationGradient(node, emit) {
      if (node.attributes.function === 'swish')
        lowerSwishGradient(node, emit, activated.get(node.operands.input));
      else plain.activationGradient(node, emit);
    },
  };
}

function isPointwise([, , height, width]: readonly number[]): boolean {
  return height === 1 && width === 1;
}

function isUnpadded({ before, after }: { before: readonly number[]; after: readonly number[] }): boolean {
  return [...before, ...after].every((amount) => amount === 0);
}

function unfoldedSize({ attributes: { filterShape } }: NodeOf<'conv2dFilterGradient'>): number {
  const [, inputs = 0, height = 0, width = 0] = filterShape;
  return inputs * height * width;
}
