import { EcfxError } from '../errors.ts';
import type { Hardware } from './engine.ts';

/** Drivers that compute on the processor, by words in what an adapter says of itself. */
const softwareDrivers = /swiftshader|llvmpipe|lavapipe|basic render driver/i;

/**
 * The graphics card that WebGPU finds, asked through Dawn, which ONNX Runtime and TensorFlow.js both stand on.
 * Throws `EcfxError` (unavailable) when there is none. Asking may crash in a bad driver, and Dawn may not let a process
 * end by itself afterwards: ask in a process that exits.
 */
export async function adapterHardware(): Promise<Hardware> {
  const { create } = await import('webgpu').catch((error: unknown) => {
    throw new EcfxError('unavailable', `the package webgpu (Dawn) does not load here: ${String(error)}`, {
      suggestions: ['Install it again with: npm ci'],
      cause: error,
    });
  });
  // The choice that ONNX Runtime makes, too.
  const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw noAdapter();
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const words = [vendor, architecture, device, description];
  return {
    name: description || [vendor, device].filter(Boolean).join(' ') || null,
    driver: null,
    hasHalfPrecision: adapter.features.has('shader-f16'),
    isSoftware: isFallbackAdapter || softwareDrivers.test(words.join(' ')),
  };
}

/** What to say where no graphics card answers, with what helps on this platform. */
export function noAdapter(): EcfxError {
  const remedies: Partial<Record<NodeJS.Platform, string>> = {
    linux:
      'Install a Vulkan loader and the driver of the graphics card (libvulkan1, mesa-vulkan-drivers 24.2 or newer, or NVIDIA’s).',
    win32: 'Update the driver of the graphics card: WebGPU needs Direct3D 12.',
    darwin: 'WebGPU needs Metal: an Apple GPU, outside of most virtual machines.',
  };
  const remedy = remedies[process.platform];
  return new EcfxError('unavailable', 'WebGPU finds no graphics card here', {
    suggestions: remedy === undefined ? [] : [remedy],
  });
}
