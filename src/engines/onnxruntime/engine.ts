import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EcfxError } from '../../errors.ts';
import { tensorsOfKind, type Graph, type Tensor as GraphTensor } from '../../graph/graph.ts';
import {
  processor,
  type CompileOptions,
  type Device,
  type Engine,
  type Executable,
  type Step,
  type Values,
} from '../engine.ts';
import type { Weights } from '../weights.ts';
import { probeBlock } from './blocked/probe.ts';
import { fastLowerings } from './fast/table.ts';
import { lowerGraph } from './lower.ts';
import { lowerings } from './lowerings.ts';
import { encodeModel } from './onnx/encode.ts';

const cpu: Device = {
  precisions: ['fp32'],
  packages: ['onnxruntime-node'],
  async hardware() {
    await load();
    return processor;
  },
  async versions() {
    const { env } = await load();
    return { 'onnxruntime-node': env.versions.node ?? 'unknown' };
  },
  async compile(graph, options) {
    const { weights } = options;
    const block = await probeBlock(await load());
    const isConstant = (tensor: GraphTensor) => weights.has(tensor) && !graph.updates.has(tensor);
    const model = lowerGraph(graph, weights, {}, fastLowerings(lowerings, { graph, block, isConstant }));
    return createExecutable(graph, encodeModel(model), options);
  },
};

/** ONNX Runtime: the graph as an ONNX model in one session. */
export const onnxruntime: Engine = { name: 'onnxruntime', devices: { cpu } };

/** A session over the bytes of an ONNX file. Throws `EcfxError` (unavailable) when the library does not load. */
async function createExecutable(
  graph: Graph,
  bytes: Uint8Array,
  { threads, weights }: CompileOptions,
): Promise<Executable> {
  const ort = await load();
  const session = await ort.InferenceSession.create(bytes, sessionOptions(threads, graph));
  // Not captured by what is returned: the first values may go as soon as the first step has replaced them.
  const state = initialState(ort, graph, weights);
  const bind = (inputs: Values): Step => {
    const feeds = tensorsOf(ort, tensorsOfKind(graph, 'input'), ({ name }) => inputs.get(name));
    let results: Awaited<ReturnType<InferenceSession['run']>> = {};
    return {
      async advance() {
        results = await session.run({ ...feeds, ...state });
        for (const [tensor, next] of graph.updates) state[tensor.name] = results[next.name]!;
      },
      // A run on the processor is done when it returns.
      synchronize: () => Promise.resolve(),
      outputs: () => Promise.resolve(new Map(graph.outputs.map(({ name }) => [name, floats(results[name])]))),
    };
  };
  return {
    execution: { threads, placement: null, emulated: [], executedMacs: null },
    bind,
    state: () =>
      Promise.resolve(new Map(Object.entries(state).map(([name, tensor]) => [name, floats(tensor)]))),
    async dispose() {
      await session.release();
    },
  };
}

type OnnxRuntime = typeof import('onnxruntime-node');

function initialState(ort: OnnxRuntime, graph: Graph, weights: Weights): Record<string, Tensor> {
  return tensorsOf(ort, [...graph.updates.keys()], (tensor) => weights.get(tensor));
}

/** Tensors by name, over the values' own memory. Throws when a tensor has no values. */
function tensorsOf(
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

/**
 * Session options of every measurement: one operator at a time, on `threads` threads, errors only in the log.
 * Memory patterns allocate a whole step at once. Inference is 3 % faster with them; a training step would keep up to
 * twice what it needs, for no speed.
 */
function sessionOptions(threads: number, graph: Graph): InferenceSession.SessionOptions {
  const isTraining = graph.updates.size > 0;
  return {
    executionProviders: ['cpu'],
    // A training step writes its blocked convolutions itself; the optimizer's own would add reorders around constants.
    graphOptimizationLevel: isTraining ? 'extended' : 'all',
    enableMemPattern: !isTraining,
    // Denormal velocities of parameters that hardly move would slow the update down.
    extra: { session: { set_denormal_as_zero: '1' } },
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  };
}

async function load(): Promise<OnnxRuntime> {
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

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the session returned no float32 tensor');
  return tensor.data;
}
