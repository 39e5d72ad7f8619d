import type { Tensor } from 'onnxruntime-node';
import { EcfxError } from '../../errors.ts';
import type { Tensor as GraphTensor } from '../../graph/graph.ts';

export type OnnxRuntime = typeof import('onnxruntime-node');

/** Throws `EcfxError` (unavailable) when the library does not load. */
export async function loadLibrary(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EcfxError('unavailable', `onnxruntime-node does not load here: ${String(error)}`, {
      suggestions: [
        'Install it again with: npm ci',
        'Prebuilt binaries exist for Linux, Windows and Apple silicon.',
      ],
      cause: error,
    });
  }
}

/** Tensors by name, over the values' own memory. Throws when a tensor has no values. */
export function tensorsOf(
  ort: OnnxRuntime,
  tensors: readonly GraphTensor[],
  valuesOf: (tensor: GraphTensor) => Float32Array | undefined,
): Record<string, Tensor> {
  return Object.fromEntries(
    tensors.map((tensor) => {
      const values = valuesOf(tensor);
      if (!values) throw new Error(`no values for ${tensor.name}`);
      return [tensor.name, new ort.Tensor('float32', values, tensor.shape)];
    }),
  );
}

/** The values of a tensor in the processor's memory. */
export function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the session returned no float32 tensor');
  return tensor.data;
}
