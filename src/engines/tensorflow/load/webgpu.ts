import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { adapterHardware, noAdapter } from '../../webgpu-adapter.ts';
import type { Abilities, Source } from '../library.ts';
import { loadTensorFlow, tensorFlowVersion } from './javascript.ts';

const abilities: Abilities = {
  batchedProducts: true,
  groupedConvolution: false,
  // Its kernel gives each weight one thread, which then walks over all images and positions.
  filterGradient: false,
  depthwiseInputGradient: true,
  depthwiseFilterGradient: true,
  fusedBatchNorm: true,
  poolsFasterThanReduces: true,
  ownBlocks: false,
};

/**
 * The system's GPU through Dawn, the `webgpu` package. A process that has loaded it should be ended with
 * `process.exit`: the device's destruction at exit can hang.
 */
export const webgpu: Source = {
  packages: ['webgpu'],
  hardware: adapterHardware,
  async versions() {
    const { version } = createRequire(import.meta.url)('webgpu/package.json') as { version: string };
    return { ...(await tensorFlowVersion()), webgpu: version };
  },
  async load() {
    await provideGpu();
    const tf = await loadTensorFlow();
    await import('@tensorflow/tfjs-backend-webgpu');
    // Small tensors would be computed on the processor, and nobody could say which.
    tf.env().set('WEBGPU_CPU_FORWARD', false);
    tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 15);
    if (!(await tf.setBackend('webgpu')) || tf.getBackend() !== 'webgpu') throw noAdapter();
    return { tf, name: 'webgpu', abilities, threads: null };
  },
};

/** Node has no GPU of its own: TensorFlow.js looks for one as in a browser. */
async function provideGpu(): Promise<void> {
  const { navigator } = globalThis as { navigator?: object };
  if (navigator && 'gpu' in navigator) return;
  // Says so when Dawn or a graphics card is missing; the backend itself would fail without a reason.
  await adapterHardware();
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]);
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'Node', hardwareConcurrency: availableParallelism() },
    configurable: true,
  });
}
