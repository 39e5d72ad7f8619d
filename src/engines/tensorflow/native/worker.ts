/** Loads the package whose main file is its argument, in a process that may crash or hang, and sends what it found. */
import { createRequire } from 'node:module';
import type { TensorFlow } from '../library.ts';
import { convolvesInGroups } from './grouped-convolution.ts';
import { restoreNodeUtil } from './node-util.ts';
import type { Probe } from './probe.ts';

restoreNodeUtil();
let result: Probe;
try {
  const tf = createRequire(import.meta.url)(process.argv[2] ?? '') as TensorFlow;
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error(`its backend is ${tf.getBackend()}`);
  const { binding, isUsingGpuDevice } = tf.backend() as {
    binding?: { TF_Version?: string };
    isUsingGpuDevice?: boolean;
  };
  result = {
    loads: true,
    tensorflow: binding?.TF_Version ?? 'unknown',
    usesGpu: isUsingGpuDevice === true,
    groupedConvolution: await convolvesInGroups(tf),
  };
} catch (error) {
  const { code, message } = error as { code?: unknown; message?: unknown };
  result = {
    loads: false,
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(error),
  };
}
process.send?.(result, () => process.exit(0));
