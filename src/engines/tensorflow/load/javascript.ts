import type { TensorInfo } from '@tensorflow/tfjs';
import { size } from '../../../graph/shape.ts';
import { processor } from '../../engine.ts';
import { blockKernel, copyBlock, type Block } from '../kernels/block.ts';
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
  // It has these kernels, and they are slower than what they are made of here.
  filterGradient: false,
  depthwiseInputGradient: true,
  depthwiseFilterGradient: false,
  fusedBatchNorm: true,
  poolsFasterThanReduces: true,
  ownBlocks: true,
};

/** Plain JavaScript, one thread: everywhere, and slow. */
export const javascript: Source = {
  packages: ['@tensorflow/tfjs'],
  hardware: () => Promise.resolve(processor),
  versions: tensorFlowVersion,
  async load() {
    const tf = await loadTensorFlow();
    await tf.setBackend('cpu');
    registerBlocks(tf);
    return { tf, name: 'cpu', abilities, threads: 1 };
  },
};

interface Storage {
  readonly data: { get(id: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], type: 'float32', values: Float32Array): TensorInfo;
}

function registerBlocks(tf: TensorFlow): void {
  if (tf.getKernelsForBackend('cpu').some(({ kernelName }) => kernelName === blockKernel)) return;
  tf.registerKernel({
    kernelName: blockKernel,
    backendName: 'cpu',
    kernelFunc({ inputs, attrs, backend }) {
      const storage = backend as Storage;
      const x = inputs['x']!;
      const block = attrs as unknown as Required<Block>;
      const values = new Float32Array(size(block.size));
      copyBlock(storage.data.get(x.dataId).values, x.shape, block, values);
      return storage.makeTensorInfo([...block.size], 'float32', values);
    },
  });
}
