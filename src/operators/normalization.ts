import { require, type Operator } from '../graph/operator.ts';
import { size, type Shape } from '../graph/shape.ts';

export interface BatchNormAttributes {
  readonly epsilon: number;
}

/**
 * Batch normalization with running statistics (inference): (x − mean) / √(variance + ε) · scale + offset, per channel.
 *
 * input `[N, C, H, W]`, the others `[C]`. Arithmetic: 2 per element, because scale and offset absorb mean and variance
 * once per channel; engines fold even that into the convolution before.
 */
export const batchNorm: Operator<
  'batchNorm',
  'input' | 'mean' | 'variance',
  'scale' | 'offset',
  BatchNormAttributes
> = {
  name: 'batchNorm',
  shapes({ input, mean, variance, scale, offset }) {
    perChannel(input, { mean, variance, scale, offset });
    return [input];
  },
  work({ operands: { input } }) {
    return { macs: 0, arithmetic: 2 * size(input), transcendental: 0 };
  },
};

export interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * Group normalization: mean and variance over each image's channels of a group and all positions. One group is layer
 * norm, as many groups as channels instance norm (Wu & He 2018, §3). Epsilon is inside the root.
 *
 * input `[N, C, H, W]`; scale and offset `[C]`, each optional. Arithmetic per element: 1 for the mean, 3 for the
 * variance, 2 to normalize, 1 each for scale and offset; per group a division by the number of elements twice, the
 * addition of epsilon, a reciprocal and a square root.
 */
export const groupNorm: Operator<'groupNorm', 'input', 'scale' | 'offset', GroupNormAttributes> = {
  name: 'groupNorm',
  shapes({ input, scale, offset }, { groups }) {
    perChannel(input, { scale, offset });
    const channels = input[1] ?? 0;
    require(channels % groups === 0, `${channels} channels do not divide into ${groups} groups`);
    return [input];
  },
  work({ operands: { input, scale, offset }, attributes: { groups } }) {
    const statistics = (input[0] ?? 0) * groups;
    const perElement = 6 + (scale ? 1 : 0) + (offset ? 1 : 0);
    return {
      macs: 0,
      arithmetic: perElement * size(input) + 4 * statistics,
      transcendental: statistics,
    };
  },
};

function perChannel(input: Shape, vectors: Record<string, Shape | undefined>): void {
  require(input.length === 4, `the input needs 4 axes and has ${input.length}`);
  const channels = input[1];
  for (const [name, shape] of Object.entries(vectors)) {
    if (!shape) continue;
    require(shape.length === 1 && shape[0] === channels, `the ${name} needs ${channels} elements`);
  }
}
