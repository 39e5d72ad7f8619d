import type { Held } from '../library.ts';
import { arithmetic, type Context } from './context.ts';

/**
 * Means over the positions of each image, `[N, H, W, C]` → `[N, 1, 1, C]`. Backends that bring reduced axes to the end by
 * a transposition do it as a pooling.
 */
export function meansPerImage({ tf, abilities }: Context, x: Held): Held {
  const [, height, width] = x.shape as [number, number, number, number];
  if (height * width === 1) return x;
  return abilities.poolsFasterThanReduces
    ? tf.avgPool(x as import('@tensorflow/tfjs').Tensor4D, [height, width], 1, 'valid')
    : tf.mean(x, [1, 2], true);
}

/** Means over images and positions, `[N, H, W, C]` → `[C]`. */
export function meansPerChannel(context: Context, x: Held): Held {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const means = context.tf.reshape(meansPerImage(context, x), [batch, channels]);
  return batch === 1 ? context.tf.reshape(means, [channels]) : context.tf.mean(means, 0);
}

/** Sums over images and positions, `[N, H, W, C]` → `[C]`. */
export function sumsPerChannel(context: Context, x: Held): Held {
  return arithmetic(context).times(meansPerChannel(context, x), x.size / x.shape[3]!);
}

/** Sums over some axes as they are held, which stay with extent 1. */
export function sumAlong(context: Context, x: Held, axes: readonly number[]): Held {
  const reduced = axes.filter((axis) => x.shape[axis] !== 1);
  if (reduced.length === 0) return x;
  if (x.rank === 4 && reduced.join() === '1,2') {
    return arithmetic(context).times(meansPerImage(context, x), x.shape[1]! * x.shape[2]!);
  }
  if (x.rank === 4 && reduced.join() === '0,1,2') {
    return context.tf.reshape(sumsPerChannel(context, x), [1, 1, 1, x.shape[3]!]);
  }
  return context.tf.sum(x, reduced, true);
}
