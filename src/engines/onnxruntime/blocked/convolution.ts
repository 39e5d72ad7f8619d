import { size } from '../../../graph/shape.ts';
import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { blockedDepthwise, blockedGrouped, blockedOutputs } from './filters.ts';
import { convolveBlocked, type BlockedCopies } from './layout.ts';
import { widened } from './padding.ts';
import { pairFilter, paysInPairs } from './row-pairs.ts';

/** Which filters blocked convolutions take, and from what input. */
export type BlockedKind = 'depthwise' | 'grouped' | 'fewInputs';

export function blockedKind(
  filter: readonly number[],
  groups: number,
  block: number,
): BlockedKind | undefined {
  const [outputs = 0, inputs = 0] = filter;
  if (groups > 1 && inputs === 1 && outputs === groups) return groups % block === 0 ? 'depthwise' : undefined;
  if (inputs % block === 0 && (outputs / groups) % block === 0) return 'grouped';
  return groups === 1 && inputs < block && outputs % block === 0 ? 'fewInputs' : undefined;
}

/**
 * The forward convolution in the blocked layout; no bias. Where its readers take rows of positions in any order, two rows
 * may be computed at a time.
 */
export function lowerBlockedConv2d(
  node: NodeOf<'conv2d'>,
  emit: Emitter,
  copies: BlockedCopies,
  kind: BlockedKind,
  readers: 'ofRowsInOrder' | 'ofRowsInAnyOrder',
): void {
  const { input, filter } = node.operands;
  const { stride, dilation, groups, pads } = node.attributes;
  const chain = new Chain(emit);
  const { block } = copies;
  const output = outputOf(node);
  const data = kind === 'fewInputs' ? input.name : copies.of(chain, input);
  const plain = {
    kernel: [filter.shape[2]!, filter.shape[3]!],
    stride,
    rowStride: stride,
    dilation,
    groups,
    pads: [...pads.before, ...pads.after],
  } as const;
  const isNarrow = kind === 'grouped' && filter.shape[0] === groups * block;
  const wide = isNarrow
    ? widened(chain, data, { channels: input.shape[1]!, width: input.shape[3]! }, plain)
    : { input: data, geometry: plain };
  if (isNarrow && readers === 'ofRowsInAnyOrder' && paysInPairs(node)) {
    const pair = pairFilter(chain, filter, groups);
    const ordered = blockedGrouped(chain, pair.name, pair.shape, block);
    const geometry = { ...wide.geometry, kernel: [pair.shape[2]!, pair.shape[3]!], rowStride: 2 } as const;
    const name = convolveBlocked(chain, wide.input, chain.reshape(ordered, pair.shape), geometry);
    const view = { name: chain.reshape(name, output.shape), shape: output.shape, rows: 'evenFirst' } as const;
    copies.give(chain, output, view);
    // Each position has one more row of taps, of zeros.
    const excessMacs = size(output.shape) * filter.shape[1]! * filter.shape[3]!;
    emit.detours.push({ operator: 'conv2d (grouped)', excessMacs });
    return;
  }
  const reorder = { depthwise: blockedDepthwise, grouped: blockedGrouped, fewInputs: blockedOutputs }[kind];
  const blockedFilter = chain.reshape(reorder(chain, filter.name, filter.shape, block), filter.shape);
  const name = convolveBlocked(chain, wide.input, blockedFilter, wide.geometry);
  copies.give(chain, output, { name, shape: output.shape, rows: 'inOrder' });
}
