import type { Graph } from '../graph/graph.ts';
import type { Weights } from './weights.ts';

export const engineNames = ['onnxruntime'] as const;
export type EngineName = (typeof engineNames)[number];

export interface CompileOptions {
  readonly weights: Weights;
  /** Threads of one operator; engines that cannot be told say so in `Executable.threads`. */
  readonly threads: number;
}

/** A graph that is ready to run, again and again, on one device. Runs of a training step carry its state forward. */
export interface Executable {
  /** Binds inputs once and returns the step to be timed, which resolves with its outputs when the device has finished. */
  bind(inputs: ReadonlyMap<string, Float32Array>): () => Promise<ReadonlyMap<string, Float32Array>>;
  /** Parameters, running statistics and optimizer slots as they are now, by name; empty for inference. */
  state(): ReadonlyMap<string, Float32Array>;
  dispose(): Promise<void>;
}

/** Something that runs graphs. Engines load their libraries only when a graph is compiled. */
export interface Engine {
  readonly name: EngineName;
  /** The device used here; later ones are chosen by flag. */
  readonly device: string;
  readonly precision: string;
  /** Names and versions of the libraries that do the work, for the result file. */
  versions(): Promise<Record<string, string>>;
  compile(graph: Graph, options: CompileOptions): Promise<Executable>;
}
