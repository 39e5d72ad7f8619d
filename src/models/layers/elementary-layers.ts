import type { Tensor } from '../../graph/graph.ts';
import { activation, type ActivationName } from '../../operators/activation.ts';
import { binary } from '../../operators/elementwise.ts';
import { reduce } from '../../operators/reduction.ts';
import type { LayerContext } from './layer-context.ts';
import { activatedMoments } from './signal-scale.ts';

/** Activation function of every element, as node `name`. */
export function buildActivation(
  { graph, signal }: LayerContext,
  name: string,
  input: Tensor,
  act: ActivationName,
): Tensor {
  const output = graph.apply(activation, name, { input }, { function: act });
  return signal.note(output, activatedMoments(act, signal.of(input)).meanSquare);
}

/** Elementwise product of two tensors that broadcast, as node `name`. */
export function buildProduct(
  { graph, signal }: LayerContext,
  name: string,
  left: Tensor,
  right: Tensor,
): Tensor {
  const product = graph.apply(binary, name, { left, right }, { function: 'multiply' });
  return signal.note(product, signal.of(left) * signal.of(right));
}

/** `input` times a number that is part of the network's definition, as node `name`. */
export function buildScaling(
  { graph, signal }: LayerContext,
  name: string,
  input: Tensor,
  factor: number,
): Tensor {
  const right = graph.constant(`${name}.factor`, [1], Float64Array.of(factor));
  const product = graph.apply(binary, name, { left: input, right }, { function: 'multiply' });
  return signal.note(product, signal.of(input) * factor ** 2);
}

/** Mean over all positions, as node `name`: `[N, C, H, W]` → `[N, C, 1, 1]`. */
export function buildSpatialMean({ graph, signal }: LayerContext, name: string, input: Tensor): Tensor {
  const mean = graph.apply(reduce, name, { input }, { function: 'mean', axes: [2, 3] });
  // The input's mean square is a safe bound for that of its mean.
  return signal.note(mean, signal.of(input));
}

/** Each number of `input` survives, and is divided by it, with probability `keep`; a mask that broadcasts is fed in. */
export function buildMasking(
  { graph, signal }: LayerContext,
  name: string,
  input: Tensor,
  { shape, keep }: { readonly shape: readonly number[]; readonly keep: number },
): Tensor {
  const mask = graph.scopedInput(`${name}Mask`, shape, { kind: 'mask', keep });
  const masked = graph.apply(binary, name, { left: input, right: mask }, { function: 'multiply' });
  return signal.note(masked, signal.of(input));
}
