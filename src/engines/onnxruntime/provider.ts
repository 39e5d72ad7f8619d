import type { InferenceSession } from 'onnxruntime-node';
import { EcfxError } from '../../errors.ts';
import { processor, type DeviceName, type Hardware } from '../engine.ts';
import { adapterHardware, noAdapter } from '../webgpu-adapter.ts';
import { Emitter } from './emitter.ts';
import { loadLibrary } from './library.ts';
import { encodeModel } from './onnx/encode.ts';

/** One of ONNX Runtime's execution providers: what it is asked for with, and how a person comes by it. */
interface Provider {
  /** As ONNX Runtime names it in what it reports of a session. */
  readonly title: string;
  readonly config: InferenceSession.ExecutionProviderConfig;
  /** Session options that it insists on. */
  readonly options?: InferenceSession.SessionOptions;
  readonly hardware: () => Promise<Hardware>;
  /** What to do where it does not start. */
  readonly remedies: () => readonly string[];
}

export type ProviderName = Extract<DeviceName, 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'>;

/** A graphics card that the binding tells nothing about. */
const unnamed = (): Promise<Hardware> => Promise.resolve({ name: null, driver: null, isSoftware: false });

export const providers: Readonly<Record<ProviderName, Provider>> = {
  cpu: {
    title: 'CPUExecutionProvider',
    config: 'cpu',
    hardware: () => Promise.resolve(processor),
    remedies: () => ['Install it again with: npm ci'],
  },
  webgpu: {
    title: 'WebGpuExecutionProvider',
    config: 'webgpu',
    hardware: adapterHardware,
    remedies: () => [
      ...noAdapter().suggestions,
      'onnxruntime-node brings WebGPU for Linux x64, Windows and Apple silicon.',
    ],
  },
  cuda: {
    title: 'CUDAExecutionProvider',
    config: { name: 'cuda', deviceId: 0 },
    hardware: unnamed,
    remedies: () => [
      'It needs Linux x64, an NVIDIA driver, CUDA 12 and cuDNN 9 on the library path.',
      'Its files are not in the package. Fetch them with: node node_modules/onnxruntime-node/script/install.js',
    ],
  },
  coreml: {
    title: 'CoreMLExecutionProvider',
    config: 'coreml',
    hardware: unnamed,
    remedies: () => ['It is for Macs with Apple silicon.'],
  },
  dml: {
    title: 'DmlExecutionProvider',
    config: 'dml',
    // DirectML does not run with memory patterns.
    options: { enableMemPattern: false },
    hardware: unnamed,
    remedies: () => ['It is for Windows 10 (1903) and newer, with a graphics card for Direct3D 12.'],
  },
};

const opened = new Map<ProviderName, Promise<void>>();

/**
 * Starts a provider by making a session of next to nothing: the only way to know that it is here. Once a process.
 * Throws `EcfxError` (unavailable) with the reason and the remedies.
 */
export function openProvider(name: ProviderName): Promise<void> {
  const attempt = opened.get(name) ?? open(name);
  opened.set(name, attempt);
  return attempt;
}

async function open(name: ProviderName): Promise<void> {
  const ort = await loadLibrary();
  const { config, options, remedies } = providers[name];
  try {
    const session = await ort.InferenceSession.create(smallestModel(), {
      executionProviders: [config],
      logSeverityLevel: 4,
      ...options,
    });
    await session.release();
  } catch (error) {
    throw new EcfxError('unavailable', `ONNX Runtime’s ${name} does not start: ${reasonOf(error)}`, {
      suggestions: remedies(),
      cause: error,
    });
  }
}

/** One convolution, which every provider has. */
function smallestModel(): Uint8Array {
  const emit = new Emitter('smallest');
  const output = { kind: 'computed', name: 'y', shape: [1, 1, 1, 1] } as const;
  emit.result(output, 'Conv', ['x', emit.floats('filter', [1, 1, 1, 1], 1)]);
  return encodeModel({
    name: 'smallest',
    metadata: {},
    nodes: emit.nodes,
    initializers: emit.initializers,
    inputs: [{ name: 'x', shape: [1, 1, 1, 1] }],
    outputs: [output],
  });
}

/** The last sentence of what ONNX Runtime says, without the place in its source. */
function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  const [, reason] = /^\/\S+:\d+ .* was false\. (.+)$/.exec(line) ?? [];
  if (line.endsWith('backend not found.')) return 'this platform’s build is without it';
  return (reason ?? line).replace(/\.$/, '');
}
