import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import type { PaddingRule } from '../../operators/padding.ts';
import type { Knobs } from '../knobs.ts';
import { channelsOf } from './layer-context.ts';
import type { NetworkBuilder } from './network-builder.ts';
import type { SqueezeOptions } from './squeeze-excite.ts';

/** A block that widens, convolves in space, and projects without an activation (Sandler et al. 2018). */
export interface InvertedBottleneck {
  readonly kernel: number;
  readonly stride: number;
  /** Channels in the middle; as many as come in: nothing to widen. */
  readonly expanded: number;
  readonly channels: number;
  /** Channels per group of the spatial convolution. */
  readonly groupSize: Knobs['groupSize'];
  /** One dense convolution widens and convolves in space (Gupta & Akin 2019). */
  readonly isFused?: boolean;
  readonly squeeze?: SqueezeOptions;
  /** Of the whole block, in place of the variant's. */
  readonly activation?: ActivationName;
  /** Of the spatial convolution, in place of the variant's. */
  readonly padding?: PaddingRule;
}

/** The residual branch alone. */
export function invertedBranch(net: NetworkBuilder, input: Tensor, block: InvertedBottleneck): Tensor {
  const { kernel, stride, expanded, channels, groupSize, isFused = false, squeeze } = block;
  const act = block.activation === undefined ? {} : { activation: block.activation };
  const spatial = {
    channels: expanded,
    kernel,
    stride,
    ...(!isFused && { groupSize }),
    ...(block.padding !== undefined && { padding: block.padding }),
    ...act,
  };
  let x = input;
  if (!isFused && expanded !== channelsOf(input)) {
    x = net.convNormAct('expand', x, { channels: expanded, kernel: 1, ...act });
  }
  const layer = isFused ? 'fused' : 'spatial';
  // The gate takes in what proxy norm leaves over.
  x = squeeze
    ? net.squeezeExcite('se', net.convNormActUnscaled(layer, x, spatial), { ...act, ...squeeze })
    : net.convNormAct(layer, x, spatial);
  return net.convNorm('project', x, { channels, kernel: 1 });
}

/** The block, with a residual sum where nothing stands against one. */
export function invertedBottleneck(
  net: NetworkBuilder,
  input: Tensor,
  block: InvertedBottleneck,
  survival: number,
): Tensor {
  return residual(net, input, invertedBranch(net, input, block), { stride: block.stride, survival });
}

/** Adds the input to a branch that keeps extents and channels; the branch may be dropped in training. */
export function residual(
  net: NetworkBuilder,
  input: Tensor,
  branch: Tensor,
  { stride, survival }: { readonly stride: number; readonly survival: number },
): Tensor {
  const keeps = stride === 1 && channelsOf(input) === channelsOf(branch);
  return keeps ? net.add(input, net.dropPath(branch, survival)) : branch;
}
