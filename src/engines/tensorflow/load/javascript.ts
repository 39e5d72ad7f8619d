import { processor } from '../../engine.ts';
import type { Abilities, Source, TensorFlow } from '../library.ts';

/** The library itself, without a word on the console. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  const { default: tf } = await import('@tensorflow/tfjs');
  tf.enableProdMode();
  return tf;
}

export async function tensorFlowVersion(): Promise<Record<string, string>> {
  return { '@tensorflow/tfjs': (await loadTensorFlow()).version.tfjs };
}

const abilities: Abilities = {
  batchedProducts: true,
  groupedConvolution: false,
  filterGradient: true,
  depthwiseInputGradient: true,
  depthwiseFilterGradient: true,
  fusedBatchNorm: true,
  poolsFasterThanReduces: true,
};

/** Plain JavaScript, one thread: everywhere, and slow. */
export const javascript: Source = {
  packages: ['@tensorflow/tfjs'],
  hardware: () => Promise.resolve(processor),
  versions: tensorFlowVersion,
  async load() {
    const tf = await loadTensorFlow();
    await tf.setBackend('cpu');
    return { tf, name: 'cpu', abilities, threads: 1 };
  },
};
