import type { Graph, Tensor } from '../../../graph/graph.ts';
import { sameShape, type Shape } from '../../../graph/shape.ts';
import { asOperator, type NodeOf, type OperatorTable } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { foldableConvolution, lowerFoldedGroupNorm } from '../fast/folded-norm.ts';
import { gatedImage, gatedPointwise, producersOf } from '../fast/gating.ts';
import { blockedKind, lowerBlockedConv2d } from './convolution.ts';
import { lowerBlockedGroupNorm } from './group-norm.ts';
import { BlockedCopies, meanOverPositions } from './layout.ts';
import { affineBlocked, convolveEachBlocked } from './pointwise.ts';

type Table = OperatorTable<Emitter, void>;

export interface BlockedOptions {
  readonly graph: Graph;
  /** Channels of a block of ONNX Runtime's blocked layout here. */
  readonly block: number;
  /** Whether a tensor's values are known when the session is made. */
  readonly isConstant: (tensor: Tensor) => boolean;
}

/**
 * `plain` with networks of group norm kept in the blocked layout, for inference. ONNX Runtime blocks convolutions with
 * constant filters by itself, but would take every map back for group norm. A map is blocked by a convolution that
 * group norm follows, and stays so through what computes element by element, up to a reader that knows only plain maps.
 */
export function blockedLowerings(plain: Table, { graph, block, isConstant }: BlockedOptions): Table {
  const producers = producersOf(graph);
  const normalized = normalizedTensors(graph);
  const copies = new BlockedCopies(block);

  return {
    ...plain,

    conv2d(node, emit) {
      const { filter, bias } = node.operands;
      const gated = isConstant(filter) ? gatedPointwise(node, producers) : undefined;
      const kind =
        isConstant(filter) && !bias && normalized.has(outputOf(node))
          ? blockedKind(filter.shape, node.attributes.groups, block)
          : undefined;
      if (gated && copies.computed(gated.image) !== undefined) {
        const factors = { along: 'inputs', values: gated.gate.name, count: filter.shape[1]! } as const;
        convolveEachBlocked(new Chain(emit), filter, factors, gated.image, outputOf(node), copies);
      } else if (kind) lowerBlockedConv2d(node, emit, copies, kind, 'ofRowsInAnyOrder');
      else plain.conv2d(node, emit);
    },

    groupNorm(node, emit) {
      const { input } = node.operands;
      const convolution = foldableConvolution(node, producers, isConstant);
      const blocked = copies.computed(input);
      if (convolution && input.shape[1]! % block === 0) lowerFoldedGroupNorm(node, convolution, emit, copies);
      else if (blocked !== undefined && !convolution) lowerBlockedGroupNorm(node, emit, copies);
      else plain.groupNorm(node, emit);
    },

    activation(node, emit) {
      const { input } = node.operands;
      const blocked = copies.computed(input);
      if (blocked === undefined) plain.activation(node, emit);
      else {
        const { name, shape, rows } = blocked;
        const output = blockedOutput(node, shape);
        plain.activation(
          { ...node, operands: { input: { ...input, name, shape } }, outputs: [output] },
          emit,
        );
        copies.give(new Chain(emit), outputOf(node), { ...output, rows });
      }
    },

    binary(node, emit) {
      const { left, right } = node.operands;
      const blocked = copies.computed(left);
      const gated = gatedImage(node);
      const chain = new Chain(emit);
      if (gated && copies.computed(gated.image)) {
        const lines = copies.asLines(chain, gated.image);
        copies.give(chain, outputOf(node), affineBlocked(chain, lines, gated.gate.name));
      } else if (blocked && copies.computed(right) && sameShape(left.shape, right.shape)) {
        const { shape } = blocked;
        const output = blockedOutput(node, shape);
        const operand = (tensor: Tensor) => ({ ...tensor, name: copies.of(chain, tensor, shape), shape });
        const operands = { left: operand(left), right: operand(right) };
        plain.binary({ ...node, operands, outputs: [output] }, emit);
        copies.give(chain, outputOf(node), { ...output, rows: 'inOrder' });
      } else plain.binary(node, emit);
    },

    reduce(node, emit) {
      const { function: kind, axes } = node.attributes;
      const { input } = node.operands;
      const blocked = copies.computed(input);
      if (blocked !== undefined && kind === 'mean' && axes.join() === '2,3') {
        const chain = new Chain(emit);
        chain.reshapeTo(outputOf(node), meanOverPositions(chain, blocked.name));
      } else plain.reduce(node, emit);
    },
  };
}

/** What a node computes element by element, computed on blocked data. */
function blockedOutput(node: NodeOf<'activation' | 'binary'>, shape: Shape): Tensor {
  return { kind: 'computed', name: `${outputOf(node).name}/blocked`, shape };
}

/** What group norm reads. */
function normalizedTensors(graph: Graph): ReadonlySet<Tensor> {
  return new Set(graph.nodes.flatMap((node) => asOperator(node, 'groupNorm')?.operands.input ?? []));
}
