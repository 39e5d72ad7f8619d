import type { GraphBuilder } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/graph.ts';
import { activation, type ActivationName } from '../../operators/activation.ts';
import { binary, unary, type BinaryFunction } from '../../operators/elementwise.ts';
import { reshape } from '../../operators/layout.ts';
import { reduce } from '../../operators/reduction.ts';
import { normalQuantiles } from '../../mathematics/normal-distribution.ts';

/**
 * Proxy normalization as the authors of arXiv 2106.03743 and 2106.03640 run it (graphcore/examples @ 4dae8bae,
 * Models/proxy_norm.py). It takes over the affine step from the norm before it, applies the activation φ, and
 * normalizes what φ made with the mean and variance of a *proxy*: φ of a normal variable that went through the same
 * affine step. The statistics depend on parameters only, so they cost nothing per image.
 *
 *     z = (φ(γy + β) − μ̃) / √(σ̃² + ε),   μ̃, σ̃² of φ(γ(β̃ + (1 + γ̃)q) + β) over the quantiles q of N(0, 1)
 */
export const proxyNorm = {
  /** Quantiles of the proxy. */
  samples: 200,
  /** ε, inside the root. */
  epsilon: 0.03,
} as const;

export interface ProxyNormalized {
  /** φ(γy + β) − μ̃, `[N, C, H, W]`. */
  readonly centred: Tensor;
  /** 1 / √(σ̃² + ε), `[1, C, 1, 1]`: multiplied in here, later, or never (§1.3 of the study's code). */
  readonly scale: Tensor;
}

/** Proxy norm after a norm without affine: `normalized` is `[N, C, H, W]`. */
export function buildProxyNorm(
  graph: GraphBuilder,
  normalized: Tensor,
  activationName: ActivationName,
): ProxyNormalized {
  const channels = normalized.shape[1] ?? 0;
  const zeros = { kind: 'constant', value: 0 } as const;
  const beta = graph.parameter('beta', [channels], zeros);
  const gamma = graph.parameter('gamma', [channels], { kind: 'constant', value: 1 });
  const proxyBeta = graph.parameter('proxyBeta', [channels], zeros);
  const proxyGamma = graph.parameter('proxyGamma', [channels], zeros);

  const apply = (name: BinaryFunction, node: string, left: Tensor, right: Tensor) =>
    graph.apply(binary, node, { left, right }, { function: name });
  const activate = (node: string, input: Tensor) =>
    graph.apply(activation, node, { input }, { function: activationName });
  const view = (node: string, input: Tensor, shape: readonly number[]) =>
    graph.apply(reshape, node, { input }, { shape });

  const { centre, scale } = graph.layer('proxy', () => {
    const column = (name: string, tensor: Tensor) => view(name, tensor, [channels, 1]);
    const one = graph.constant('one', [1, 1], Float64Array.of(1));
    const epsilon = graph.constant('epsilon', [1, 1], Float64Array.of(proxyNorm.epsilon));
    const quantiles = graph.constant('quantiles', [1, proxyNorm.samples], normalQuantiles(proxyNorm.samples));

    const spread = apply('add', 'spread', one, column('proxyGammaColumn', proxyGamma));
    const scaled = apply('multiply', 'scaled', spread, quantiles);
    const proxy = apply('add', 'sample', scaled, column('proxyBetaColumn', proxyBeta));
    const stretched = apply('multiply', 'stretched', proxy, column('gammaColumn', gamma));
    const shifted = apply('add', 'shifted', stretched, column('betaColumn', beta));
    const activated = activate('activated', shifted);

    const mean = graph.apply(reduce, 'mean', { input: activated }, { function: 'mean', axes: [1] });
    const deviation = apply('subtract', 'deviation', activated, mean);
    const squared = graph.apply(unary, 'squared', { input: deviation }, { function: 'square' });
    const variance = graph.apply(reduce, 'variance', { input: squared }, { function: 'mean', axes: [1] });
    const regular = apply('add', 'regular', variance, epsilon);
    const root = graph.apply(unary, 'root', { input: regular }, { function: 'sqrt' });
    const reciprocal = graph.apply(unary, 'reciprocal', { input: root }, { function: 'reciprocal' });
    return {
      centre: view('centre', mean, [1, channels, 1, 1]),
      scale: view('scale', reciprocal, [1, channels, 1, 1]),
    };
  });

  const image = (name: string, tensor: Tensor) => view(name, tensor, [1, channels, 1, 1]);
  const stretched = apply('multiply', 'stretch', normalized, image('gammaImage', gamma));
  const shifted = apply('add', 'shift', stretched, image('betaImage', beta));
  const centred = apply('subtract', 'centre', activate('act', shifted), centre);
  return { centred, scale };
}
