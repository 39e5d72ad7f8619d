import type { Graph } from '../graph/graph.ts';
import type { Weights } from './weights.ts';

export const engineNames = ['onnxruntime', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * What an engine computes on. `cpu` is the engine's native library on the processor; `wasm` and `js` are TensorFlow.js
 * without one (WebAssembly, plain JavaScript).
 */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'wasm', 'js'] as const;
export type DeviceName = (typeof deviceNames)[number];

export const precisions = ['fp32', 'fp16'] as const;
export type Precision = (typeof precisions)[number];

export interface CompileOptions {
  readonly weights: Weights;
  /** Threads of one operator, for devices that can be told. */
  readonly threads: number;
  readonly precision: Precision;
}

/** Values by the name of their tensor. */
export type Values = ReadonlyMap<string, Float32Array>;

/** Inputs bound to a graph: its step, to be run again and again. Steps of training carry the state forward. */
export interface Step {
  /** Starts a step. On a device with a queue this may resolve before the step is done. */
  advance(): Promise<void>;
  /** Resolves when every step that was started is done: reads back as little as the device allows. */
  synchronize(): Promise<void>;
  /** Of the last step, which is done when this resolves. */
  outputs(): Promise<Values>;
}

/** How a graph is really run, for the result file: nothing falls back in silence. Unknown is null. */
export interface Execution {
  /** Of one operator; null when the device cannot be told, or does not tell. */
  readonly threads: number | null;
  /** Nodes by what ran them (an ONNX Runtime provider, a TensorFlow.js backend). */
  readonly placement: Readonly<Record<string, number>> | null;
  /** Operators of nodes that the device could not run and the processor did, with how many. */
  readonly fellBack?: Readonly<Record<string, number>>;
  /**
   * Operators that have no kernel of their own on the device and are made of others. ONNX Runtime has none for any
   * gradient, and computes some convolutions faster in another form: of its own those are named that compute more
   * products than they ask for.
   */
  readonly emulated: readonly string[];
  /** MACs that are executed in a step, where emulation makes them differ from the graph's; null when they do not. */
  readonly executedMacs: number | null;
  /** Bytes of copies in a layout of the engine’s own that the backward pass reads, beside the tensors themselves. */
  readonly layoutCopyBytes?: number;
}

/** A graph that is ready to run on one device. */
export interface Executable {
  /** Complete when the outputs of the first step have been read. */
  readonly execution: Execution;
  bind(inputs: Values): Step;
  /** Parameters, running statistics and optimizer slots as they are now; empty for inference. */
  state(): Promise<Values>;
  dispose(): Promise<void>;
}

/** What computes behind a device. Unknown is null. */
export interface Hardware {
  /** As its driver calls it; null for the processor, which the machine's facts name. */
  readonly name: string | null;
  readonly driver: string | null;
  /** Whether a program on the processor stands in for a graphics card (SwiftShader, llvmpipe, WARP). */
  readonly isSoftware: boolean;
  /** Whether it can compute in 16-bit floats; absent where nobody can ask. */
  readonly hasHalfPrecision?: boolean;
}

/** The hardware of devices that compute on the processor itself. */
export const processor: Hardware = { name: null, driver: null, isSoftware: false };

/** A device as one engine drives it. Libraries are loaded when a graph is compiled, not before. */
export interface Device {
  readonly precisions: readonly Precision[];
  /** npm packages that hold its library; any one of them will do. */
  readonly packages: readonly string[];
  /** Throws `EcfxError` (unavailable) when the library or the device is not here. May hang or end the process. */
  hardware(): Promise<Hardware>;
  /** Names and versions of the libraries that do the work, for the result file. */
  versions(): Promise<Record<string, string>>;
  /** Throws `EcfxError` (unavailable) when the library or the device is not here. */
  compile(graph: Graph, options: CompileOptions): Promise<Executable>;
}

/** Something that runs graphs. */
export interface Engine {
  readonly name: EngineName;
  readonly devices: Readonly<Partial<Record<DeviceName, Device>>>;
}
