import type { Tensor } from '../../../graph/graph.ts';
import type { NodeOf, OperatorTable } from '../../../operators/registry.ts';
import type { Held } from '../library.ts';
import { arithmetic, put, type Context } from './context.ts';
import { meansPerChannel, meansPerImage } from './sums.ts';

type NormName =
  | 'batchNorm'
  | 'batchNormTraining'
  | 'batchNormGradient'
  | 'groupNorm'
  | 'groupNormTraining'
  | 'groupNormGradient'
  | 'weightStandardization';

/**
 * Normalizations over images `[N, H, W, C]`. Statistics broadcast against them: `[C]` for batch norm, `[N, 1, 1, C]`,
 * the same along the channels of a group, for group norm.
 */
export const normKernels: Pick<OperatorTable<Context, readonly Held[]>, NormName> = {
  batchNorm(node, context) {
    const { input, mean, variance, ...affine } = node.operands;
    const x = context.values(input, 'channelsLast');
    const y = batchNormalized(context, x, {
      ...affineOf(context, affine),
      mean: context.values(mean),
      variance: context.values(variance),
      epsilon: node.attributes.epsilon,
    });
    return [put(context, node.outputs[0]!, y, 'channelsLast')];
  },

  batchNormTraining(node, context) {
    const { tf } = context;
    const { plus, times } = arithmetic(context);
    const { input, runningMean, runningVariance, ...affine } = node.operands;
    const { epsilon, decay } = node.attributes;
    const x = context.values(input, 'channelsLast');
    const count = x.size / x.shape[3]!;
    const mean = meansPerChannel(context, x);
    const variance = meansPerChannel(context, tf.squaredDifference(x, mean));
    const y = batchNormalized(context, x, { ...affineOf(context, affine), mean, variance, epsilon });
    const moved = (running: Tensor, now: Held) =>
      tf.add(times(context.values(running), decay), times(now, 1 - decay));
    return [
      put(context, node.outputs[0]!, y, 'channelsLast'),
      mean,
      tf.rsqrt(plus(variance, epsilon)),
      moved(runningMean, mean),
      moved(runningVariance, times(variance, count / (count - 1))),
    ];
  },

  batchNormGradient(node, context) {
    const { tf } = context;
    const { times } = arithmetic(context);
    const { input, outputGradient, mean, inverseDeviation, scale } = node.operands;
    const x = context.values(input, 'channelsLast');
    const dy = context.values(outputGradient, 'channelsLast');
    const count = x.size / x.shape[3]!;
    const r = context.values(inverseDeviation);
    const centred = tf.sub(x, context.values(mean));
    const offsetMean = meansPerChannel(context, dy);
    const scaleMean = tf.mul(meansPerChannel(context, tf.mul(dy, centred)), r);
    const factor = scale ? tf.mul(context.values(scale), r) : r;
    const dx = combined(context, dy, centred, {
      dy: factor,
      centred: tf.mul(tf.mul(factor, r), scaleMean),
      constant: tf.mul(factor, offsetMean),
    });
    return [
      put(context, node.outputs[0]!, dx, 'channelsLast'),
      times(scaleMean, count),
      times(offsetMean, count),
    ];
  },

  groupNorm(node, context) {
    const { input, ...affine } = node.operands;
    const { y } = groupNormalized(context, input, affine, node.attributes);
    return [put(context, node.outputs[0]!, y, 'channelsLast')];
  },

  groupNormTraining(node, context) {
    const { input, ...affine } = node.operands;
    const { y, mean, inverseDeviation } = groupNormalized(context, input, affine, node.attributes);
    return [put(context, node.outputs[0]!, y, 'channelsLast'), mean, inverseDeviation];
  },

  groupNormGradient(node, context) {
    const { tf } = context;
    const { times } = arithmetic(context);
    const { input, outputGradient, mean, inverseDeviation, scale } = node.operands;
    const { groups } = node.attributes;
    const x = context.values(input, 'channelsLast');
    const dy = context.values(outputGradient, 'channelsLast');
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const r = perChannel(context, context.values(inverseDeviation), channels);
    const centred = tf.sub(x, perChannel(context, context.values(mean), channels));
    const offsetMeans = meansPerImage(context, dy);
    const scaleMeans = tf.mul(meansPerImage(context, tf.mul(dy, centred)), r);
    const weighted = (means: Held) => (scale ? tf.mul(means, context.values(scale)) : means);
    const acrossGroup = (means: Held) =>
      perChannel(context, meansPerGroup(context, weighted(means), groups), channels);
    const dx = combined(context, dy, centred, {
      dy: scale ? tf.mul(r, context.values(scale)) : r,
      centred: tf.mul(tf.mul(r, r), acrossGroup(scaleMeans)),
      constant: tf.mul(r, acrossGroup(offsetMeans)),
    });
    const summed = (means: Held) => times(tf.sum(tf.reshape(means, [batch, channels]), 0), height * width);
    return [put(context, node.outputs[0]!, dx, 'channelsLast'), summed(scaleMeans), summed(offsetMeans)];
  },

  weightStandardization: standardized,
};

function standardized(node: NodeOf<'weightStandardization'>, context: Context): readonly Held[] {
  const { tf } = context;
  const { filter, gain } = node.operands;
  const { gamma, epsilon } = node.attributes;
  // [kh, kw, C/groups, M]
  const w = context.values(filter, 'filter');
  const taps = [0, 1, 2];
  const centred = tf.sub(w, tf.mean(w, taps, true));
  const power = tf.maximum(tf.sum(tf.square(centred), taps, true), context.scalar(epsilon));
  const factor = tf.div(arithmetic(context).times(context.values(gain), gamma), tf.sqrt(power));
  return [put(context, node.outputs[0]!, tf.mul(centred, factor), 'filter')];
}

interface Affine {
  readonly scale?: Held;
  readonly offset?: Held;
}

function affineOf(context: Context, operands: { readonly scale?: Tensor; readonly offset?: Tensor }): Affine {
  const { scale, offset } = operands;
  return {
    ...(scale && { scale: context.values(scale) }),
    ...(offset && { offset: context.values(offset) }),
  };
}

interface Statistics extends Affine {
  readonly mean: Held;
  readonly variance: Held;
  readonly epsilon: number;
}

/** Of vectors `[C]`. */
function batchNormalized(
  context: Context,
  x: Held,
  { mean, variance, epsilon, ...affine }: Statistics,
): Held {
  const { tf, abilities } = context;
  if (!abilities.fusedBatchNorm) {
    return scaled(context, tf.sub(x, mean), tf.rsqrt(arithmetic(context).plus(variance, epsilon)), affine);
  }
  const vector = (held: Held) => held as import('@tensorflow/tfjs').Tensor1D;
  const { scale, offset } = affine;
  return tf.batchNorm(
    x,
    vector(mean),
    vector(variance),
    offset && vector(offset),
    scale && vector(scale),
    epsilon,
  );
}

/** centred · r · scale + offset. The mean comes off first: r is large where there is little variance. */
function scaled({ tf }: Context, centred: Held, r: Held, { scale, offset }: Affine): Held {
  const product = tf.mul(centred, scale ? tf.mul(r, scale) : r);
  return offset ? tf.add(product, offset) : product;
}

/** dy · factors.dy − centred · factors.centred − factors.constant */
function combined(
  { tf }: Context,
  dy: Held,
  centred: Held,
  factors: { readonly dy: Held; readonly centred: Held; readonly constant: Held },
): Held {
  const difference = tf.sub(tf.mul(dy, factors.dy), tf.mul(centred, factors.centred));
  return tf.sub(difference, factors.constant);
}

/** Group norm of an image, with its mean and 1 / deviation `[N, groups]`. */
function groupNormalized(
  context: Context,
  input: Tensor,
  affine: { readonly scale?: Tensor; readonly offset?: Tensor },
  { groups, epsilon }: { readonly groups: number; readonly epsilon: number },
) {
  const { tf } = context;
  const x = context.values(input, 'channelsLast');
  const channels = x.shape[3]!;
  const mean = meansPerGroup(context, meansPerImage(context, x), groups);
  const centred = tf.sub(x, perChannel(context, mean, channels));
  const squares = meansPerImage(context, tf.square(centred));
  const variance = meansPerGroup(context, squares, groups);
  const inverseDeviation = tf.rsqrt(arithmetic(context).plus(variance, epsilon));
  const r = perChannel(context, inverseDeviation, channels);
  return { y: scaled(context, centred, r, affineOf(context, affine)), mean, inverseDeviation };
}

/** `[N, 1, 1, C]` → `[N, groups]` */
function meansPerGroup({ tf }: Context, means: Held, groups: number): Held {
  const [batch, , , channels] = means.shape as [number, number, number, number];
  if (groups === channels) return tf.reshape(means, [batch, channels]);
  return tf.mean(tf.reshape(means, [batch, groups, channels / groups]), 2);
}

/** `[N, groups]` → `[N, 1, 1, C]` */
function perChannel({ tf }: Context, statistics: Held, channels: number): Held {
  const [batch, groups] = statistics.shape as [number, number];
  const image = [batch, 1, 1, channels];
  if (groups === channels) return tf.reshape(statistics, image);
  const repeated = tf.tile(tf.reshape(statistics, [batch, groups, 1]), [1, 1, channels / groups]);
  return tf.reshape(repeated, image);
}
