import type { ActivationName } from '../operators/activation.ts';
import type { PaddingRule } from '../operators/padding.ts';

/**
 * A normalization, and whether proxy norm follows the activation (arXiv 2106.03743). The EvoNorms (Liu et al. 2020,
 * arXiv 2004.02967) are norm and activation in one.
 */
export interface Norm {
  readonly kind: 'batch' | 'group' | 'layer' | 'instance' | 'none' | 'evonorm-b0' | 'evonorm-s0';
  /** Of group norm; the other kinds have none. */
  readonly groups?: number;
  readonly proxy: boolean;
}

/** What can be varied about a network; every model has a default for each. */
export interface Knobs {
  /** Channels per group of the spatial convolutions: 1 is depthwise, 'dense' all of them in one group. */
  readonly groupSize: number | 'dense';
  /** Widening inside an inverted bottleneck. */
  readonly expandRatio: number;
  readonly norm: Norm;
  readonly activation: ActivationName;
  /** Width coefficient: multiplies channels. */
  readonly width: number;
  /** Depth coefficient: multiplies repeats. */
  readonly depth: number;
  readonly padding: PaddingRule;
}

export type KnobName = keyof Knobs;
