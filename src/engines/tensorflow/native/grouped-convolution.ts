import type { Held, TensorFlow } from '../library.ts';

/**
 * Whether the raw kernels take the filters of groups. Libtensorflow convolves so on every device; the gradients exist
 * on GPUs, and on processors only while oneDNN is on. On other backends than the native one the same calls give wrong
 * numbers or break the backend: never ask there.
 */
export async function convolvesInGroups(tf: TensorFlow): Promise<boolean> {
  const [groups, channels, filters] = [2, 4, 6];
  const x = tf.randomNormal([2, 5, 5, channels]);
  const w = tf.randomNormal([3, 3, channels / groups, filters]);
  const dy = tf.randomNormal([2, 3, 3, filters]);
  const attributes = { strides: [2, 2], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
  const run = (kernel: string, inputs: Record<string, Held>, more: object): Held =>
    tf.engine().runKernel(kernel, inputs, { ...attributes, ...more });
  const parts: ((x: Held, w: Held, dy: Held) => Held)[] = [
    (x, w) => run('Conv2D', { x, filter: w }, {}),
    (x, w, dy) => run('Conv2DBackpropInput', { dy, filter: w }, { inputShape: x.shape }),
    (x, w, dy) => run('Conv2DBackpropFilter', { x, dy }, { filterShape: w.shape }),
  ];
  const pieces = (whole: Held) => tf.split(whole, groups, 3);
  try {
    for (const part of parts) {
      const [xs, ws, dys] = [pieces(x), pieces(w), pieces(dy)];
      const apart = xs.map((piece, group) => part(piece, ws[group]!, dys[group]!));
      const difference = tf.max(tf.abs(tf.sub(part(x, w, dy), tf.concat(apart, 3))));
      const [largest] = await difference.data();
      if (!(largest! < 1e-3)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
