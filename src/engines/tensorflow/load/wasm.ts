import type { TensorInfo } from '@tensorflow/tfjs';
import { EcfxError } from '../../../errors.ts';
import { processor } from '../../engine.ts';
import { blockKernel, copyBlock, type Block } from '../kernels/block.ts';
import type { Abilities, Source, TensorFlow } from '../library.ts';
import { loadTensorFlow, tensorFlowVersion } from './javascript.ts';

const abilities: Abilities = {
  batchedProducts: false,
  groupedConvolution: false,
  filterGradient: false,
  depthwiseInputGradient: false,
  depthwiseFilterGradient: false,
  fusedBatchNorm: false,
  poolsFasterThanReduces: true,
  ownBlocks: true,
};

/** WebAssembly with SIMD (XNNPACK). In Node it has one thread, whatever is asked for, and a heap of at most 4 GB. */
export const wasm: Source = {
  packages: ['@tensorflow/tfjs-backend-wasm'],
  hardware: () => Promise.resolve(processor),
  async versions() {
    const { default: backend } = await import('@tensorflow/tfjs-backend-wasm');
    return { ...(await tensorFlowVersion()), '@tensorflow/tfjs-backend-wasm': backend.version_wasm };
  },
  async load() {
    const tf = await loadTensorFlow();
    await import('@tensorflow/tfjs-backend-wasm');
    if (!(await tf.setBackend('wasm')) || tf.getBackend() !== 'wasm') {
      throw new EcfxError('unavailable', 'the WebAssembly backend of TensorFlow.js does not start here', {
        suggestions: ['Install it again with: npm ci'],
      });
    }
    const heap = guardHeap(tf);
    registerBlocks(tf);
    return { tf, name: 'wasm', abilities, threads: 1, explain: (error) => explain(error, heap) };
  },
};

interface Storage {
  makeOutput(shape: number[], type: 'float32'): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
}

function registerBlocks(tf: TensorFlow): void {
  if (tf.getKernelsForBackend('wasm').some(({ kernelName }) => kernelName === blockKernel)) return;
  tf.registerKernel({
    kernelName: blockKernel,
    backendName: 'wasm',
    kernelFunc({ inputs, attrs, backend }) {
      const storage = backend as Storage;
      const x = inputs['x']!;
      const block = attrs as unknown as Required<Block>;
      const result = storage.makeOutput([...block.size], 'float32');
      // Only now: the heap may have grown, and moved, for the result.
      copyBlock(storage.typedArrayFromHeap(x), x.shape, block, storage.typedArrayFromHeap(result));
      return result;
    },
  });
}

interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  readonly HEAPU8: Uint8Array;
}

const guarded = new WeakSet<Heap>();

/** Addresses have 32 bits. */
const addressable = 2 ** 32;

/**
 * An allocation that fails gives address 0, and TensorFlow.js would go on and write there. Of one that is too large for
 * an address only the remainder would be asked for, and written past.
 */
function guardHeap(tf: TensorFlow): Heap {
  const { wasm: heap } = tf.backend() as unknown as { wasm: Heap };
  if (guarded.has(heap)) return heap;
  guarded.add(heap);
  // The first call puts the function itself in the place of a stub, and would put it in the place of the guard.
  heap._free(heap._malloc(1));
  const allocate = heap._malloc.bind(heap);
  heap._malloc = (bytes) => {
    const address = bytes < addressable ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0) throw heapIsFull();
    return address;
  };
  return heap;
}

/** A heap of which more is taken may have had no room for what a kernel needs, bytes. */
const nearlyFull = 2e9;

/** Kernels allocate for themselves too, do not look whether they got it, and trap outside of the heap. */
function explain(error: unknown, { HEAPU8: { byteLength } }: Heap): unknown {
  const isTrap = error instanceof Error && error.name === 'RuntimeError';
  return isTrap && byteLength > nearlyFull ? heapIsFull(error) : error;
}

function heapIsFull(cause?: Error): EcfxError {
  const trap = cause ? ` (${cause.message})` : '';
  return new EcfxError('failure', `out of memory: the heap of WebAssembly is full, it ends at 4 GB${trap}`, {
    cause,
    suggestions: ['Take a smaller batch or resolution, or another device.'],
  });
}
