import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { buildActivation, buildProduct, buildScaling, buildSpatialMean } from './elementary-layers.ts';
import { channelsOf, type LayerContext } from './layer-context.ts';
import type { Activated } from './norm-layers.ts';
import { buildConv } from './weighted-layers.ts';

export interface SqueezeOptions {
  readonly hidden: number;
  /** Between the two convolutions, in place of the variant's. */
  readonly activation?: ActivationName;
  readonly gate?: 'sigmoid' | 'hard-sigmoid';
  /** A factor on the gate; 1 where nothing is said. */
  readonly gain?: number;
}

/**
 * Squeeze-and-excite (Hu et al. 2018): global mean, 1×1 to `hidden`, activation, 1×1 back, sigmoid, multiply.
 * Both 1×1 convolutions have a bias, and neither a norm nor proxy norm. A proxy scale that was left over is
 * multiplied into the gate: the squeeze sees the unscaled activation.
 */
export function buildSqueezeExcite(
  context: LayerContext,
  name: string,
  { tensor, scale }: Activated,
  options: SqueezeOptions,
): Tensor {
  const {
    hidden,
    activation: inner = context.knobs.activation,
    gate: gateFunction = 'sigmoid',
    gain = 1,
  } = options;
  return context.graph.layer(name, () => {
    const channels = channelsOf(tensor);
    const squeezed = buildSpatialMean(context, 'squeeze', tensor);
    const reduced = buildConv(context, 'reduce', squeezed, { channels: hidden, kernel: 1, bias: true });
    const active = buildActivation(context, 'act', reduced, inner);
    const expanded = buildConv(context, 'expand', active, { channels, kernel: 1, bias: true });
    // Positions differ, so their mean is small and the gates of an untrained network stand near ½.
    const gate = context.signal.note(buildActivation(context, 'gate', expanded, gateFunction), 0.25);
    const rescaledGate = scale ? buildProduct(context, 'rescale', gate, scale) : gate;
    const scaledGate = gain === 1 ? rescaledGate : buildScaling(context, 'gain', rescaledGate, gain);
    return buildProduct(context, 'excite', tensor, scaledGate);
  });
}
