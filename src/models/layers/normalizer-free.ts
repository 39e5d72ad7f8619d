import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { channelsOf } from './layer-context.ts';
import type { NetworkBuilder } from './network-builder.ts';
import { halved } from './residual-blocks.ts';

/**
 * What the normalizer-free families share (Brock et al. 2021, arXiv 2101.08692 and 2102.06171; code:
 * deepmind/deepmind-research @ d8df4155, nfnets).
 */

/**
 * γ = 1 / √Var φ(x) for normal x: a standardized convolution multiplied by it keeps the variance of what went through
 * φ. The code's own constants, some of which it took from samples (ReLU's is √2 / √(1 − 1/π) = 1.71286); the hard
 * functions, which it has not, are integrals.
 */
export const gammas: Readonly<Record<ActivationName, number>> = {
  relu: 1.7139588594436646,
  relu6: 1.7131485,
  swish: 1.7881293296813965,
  gelu: 1.7015043497085571,
  sigmoid: 4.8038354,
  tanh: 1.5939118,
  'hard-sigmoid': 6.015034486588287,
  'hard-swish': 1.8138714738026973,
};

/** Part of the variance of each branch that reaches the sum: a block adds α² to a variance of about 1. */
const alpha = 0.2;

/** Squeeze-and-excite doubles its gates, which are near ½ at first. */
export const squeezeGain = 2;

/** The variance that residual sums are expected to have, from block to block. */
export class ExpectedVariance {
  #variance = 1;

  /** β for the next block: what makes its input's deviation 1. */
  get beta(): number {
    return 1 / Math.sqrt(this.#variance);
  }

  /** After a block; one whose shortcut is a convolution starts again from 1. */
  addBlock({ isTransition }: { readonly isTransition: boolean }): void {
    this.#variance = (isTransition ? 1 : this.#variance) + alpha ** 2;
  }
}

export interface NormalizerFreeBlock {
  readonly channels: number;
  readonly stride: number;
  /** The first of its stage. */
  readonly isTransition: boolean;
  readonly variance: ExpectedVariance;
  readonly gamma: number;
  readonly survival: number;
  /** How an input whose extents change is brought to the new ones. */
  readonly shortcut: 'strided convolution' | 'mean, then convolution';
  /** SkipInit (De & Smith 2020): a learned factor on the branch that starts at 0. */
  readonly skipInit: boolean;
}

/** x + α · gain · branch(β φ(x)): norm is nowhere, activation in front of every convolution. */
export function normalizerFreeBlock(
  net: NetworkBuilder,
  input: Tensor,
  block: NormalizerFreeBlock,
  branchOf: (activated: Tensor) => Tensor,
): Tensor {
  const { channels, stride, gamma, variance } = block;
  const { beta } = variance;
  const activation = net.activate('act', input);
  const activated = beta === 1 ? activation : net.times('beta', activation, beta);
  const other = () => {
    const pooled = block.shortcut === 'mean, then convolution';
    const from = pooled ? halved(net, activated, stride) : activated;
    return net.standardizedConv('shortcut', from, {
      channels,
      kernel: 1,
      stride: pooled ? 1 : stride,
      gamma,
    });
  };
  const shortcut = stride > 1 || channelsOf(input) !== channels ? other() : input;
  const branch = net.dropPath(branchOf(activated), block.survival);
  variance.addBlock(block);
  return net.add(shortcut, scaledBranch(net, branch, block));
}

function scaledBranch(net: NetworkBuilder, branch: Tensor, { skipInit }: NormalizerFreeBlock): Tensor {
  if (!skipInit) return net.times('alpha', branch, alpha);
  return net.multiply('scaled', branch, net.times('alpha', net.learned('skipGain', [1], 0), alpha));
}

/** Why these families refuse to be given a norm. */
export const noNorm = 'it is built to need none';
