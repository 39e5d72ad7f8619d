import type { Device } from '../engine.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs');

/** Values on the device. */
export type Held = import('@tensorflow/tfjs').Tensor;

/** What a backend computes well with a kernel of its own; the rest is made of other kernels. */
export interface Abilities {
  /** Products of stacks of matrices, either operand transposed on the way. */
  readonly batchedProducts: boolean;
  /** The convolution kernels take filters of groups, forward and both gradients. Only a probe can tell. */
  readonly groupedConvolution: boolean;
  readonly filterGradient: boolean;
  readonly depthwiseInputGradient: boolean;
  readonly depthwiseFilterGradient: boolean;
  /** Mean and scale of batch norm in one pass over the data. */
  readonly fusedBatchNorm: boolean;
  /** Averages a window as large as the image faster than it reduces axes that are not the last ones. */
  readonly poolsFasterThanReduces: boolean;
  /** Takes blocks of tensors with our kernel, its own being slow. */
  readonly ownBlocks: boolean;
}

/** TensorFlow.js with one backend that is ready. */
export interface Backend {
  readonly tf: TensorFlow;
  /** As TensorFlow.js calls it. */
  readonly name: string;
  readonly abilities: Abilities;
  /** Of one kernel; null when the backend does not tell. */
  readonly threads: number | null;
  /** What an error of a kernel means, where the backend says it badly. */
  readonly explain?: (error: unknown) => unknown;
}

/** Where a backend comes from. Everything throws `EcfxError` (unavailable) when it is not to be had. */
export interface Source extends Pick<Device, 'packages' | 'hardware' | 'versions'> {
  /** Makes the backend ready, once in a process: the number of threads is that of the first call. */
  load(threads: number): Promise<Backend>;
}
