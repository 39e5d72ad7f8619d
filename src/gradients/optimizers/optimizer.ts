import type { GraphBuilder } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/graph.ts';

/** An update rule, as nodes appended to the training step. */
export interface Optimizer {
  /** Fed in at every step, so that a schedule can change it. */
  readonly learningRate: number;
  /** Inputs that the rule needs besides the learning rate, made once per step. */
  prepare(graph: GraphBuilder, learningRate: Tensor): (parameter: Tensor, gradient: Tensor) => void;
}

/**
 * Whether the study's weight decay applies (graphcore/examples @ 4dae8bae: names with beta, gamma, moving_ are left
 * out, and of proxy norm only β̃ and γ̃ decay): filters, weights and biases do, gains and offsets of norms do not.
 */
export function decays(parameter: Tensor): boolean {
  return !/\.(scale|offset|beta|gamma)$/.test(parameter.name);
}
