import type { NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { blockedDepthwise, blockedGrouped, blockedOutputs } from './filters.ts';
import { convolveBlocked, type BlockedCopies } from './layout.ts';
import { widened } from './padding.ts';

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

/** The forward convolution in the blocked layout; no bias. */
export function lowerBlockedConv2d(
  node: NodeOf<'conv2d'>,
  emit: Emitter,
  copies: BlockedCopies,
  block: number,
  kind: BlockedKind,
): void {
  const { input, filter } = node.operands;
  const { stride, dilation, groups, pads } = node.attributes;
  const chain = new Chain(emit);
  const reorder = { depthwise: blockedDepthwise, grouped: blockedGrouped, fewInputs: blockedOutputs }[kind];
  const blockedFilter = chain.reshape(reorder(chain, filter.name, filter.shape, block), filter.shape);
  const output = outputOf(node);
  const data = kind === 'fewInputs' ? input.name : copies.of(chain, input.name);
  const plain = {
    kernel: [filter.shape[2]!, filter.shape[3]!],
    stride,
    dilation,
    groups,
    pads: [...pads.before, ...pads.after],
  } as const;
  const wide =
    kind === 'grouped' && filter.shape[0] === groups * block
      ? widened(chain, data, { channels: input.shape[1]!, width: input.shape[3]! }, plain)
      : { input: data, geometry: plain };
  copies.give(chain, output, convolveBlocked(chain, wide.input, blockedFilter, wide.geometry));
}
