/**
 * Loads the package whose main file is its argument, in a process that may crash or hang, and sends what it found.
 *
 * @typedef {typeof import('@tensorflow/tfjs')} TensorFlow
 * @typedef {import('@tensorflow/tfjs').Tensor} Held
 */
import { createRequire } from 'node:module';
import { restoreNodeUtil } from './node-shim.js';

restoreNodeUtil();
try {
  const tf = /** @type {TensorFlow} */ (createRequire(import.meta.url)(process.argv[2] ?? ''));
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error(`its backend is ${tf.getBackend()}`);
  const { binding, isUsingGpuDevice } =
    /** @type {{ binding?: { TF_Version?: string }, isUsingGpuDevice?: boolean }} */ (
      /** @type {unknown} */ (tf.backend())
    );
  const groupedConvolution = await convolvesInGroups(tf);
  report({
    loads: true,
    tensorflow: binding?.TF_Version ?? 'unknown',
    usesGpu: isUsingGpuDevice === true,
    groupedConvolution,
  });
} catch (error) {
  const { code, message } = /** @type {{ code?: string, message?: string }} */ (error);
  report({ loads: false, code: code ?? '', message: message ?? String(error) });
}

/** @param {object} result */
function report(result) {
  process.send?.(result, () => process.exit(0));
}

/**
 * Whether the raw kernels take the filters of groups: libtensorflow does forward on every device, the gradients on GPUs
 * and on processors only while oneDNN is on.
 *
 * @param {TensorFlow} tf
 */
async function convolvesInGroups(tf) {
  try {
    const [groups, channels, filters] = [2, 4, 6];
    const x = tf.randomNormal([2, 5, 5, channels]);
    const w = tf.randomNormal([3, 3, channels / groups, filters]);
    const dy = tf.randomNormal([2, 3, 3, filters]);
    const attributes = { strides: [2, 2], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
    /** @type {(name: string, inputs: Record<string, Held>, more?: object) => Held} */
    const run = (name, inputs, more = {}) => tf.engine().runKernel(name, inputs, { ...attributes, ...more });
    /** @type {(part: (x: Held, w: Held, dy: Held, name?: string) => Held, axis: number) => Held} */
    const apart = (part, axis) => {
      const [xs, ws, dys] = [tf.split(x, groups, 3), tf.split(w, groups, 3), tf.split(dy, groups, 3)];
      return tf.concat(
        xs.map((piece, group) => part(piece, /** @type {Held} */ (ws[group]), /** @type {Held} */ (dys[group]))),
        axis,
      );
    };
    /** @type {[(x: Held, w: Held, dy: Held) => Held, number][]} */
    const parts = [
      [(x, w) => run('Conv2D', { x, filter: w }), 3],
      [(x, w, dy) => run('Conv2DBackpropInput', { dy, filter: w }, { inputShape: x.shape }), 3],
      [(x, w, dy) => run('Conv2DBackpropFilter', { x, dy }, { filterShape: w.shape }), 3],
    ];
    for (const [part, axis] of parts) {
      const difference = tf.max(tf.abs(tf.sub(part(x, w, dy), apart(part, axis))));
      const [largest] = await difference.data();
      if (!(largest !== undefined && largest < 1e-3)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
