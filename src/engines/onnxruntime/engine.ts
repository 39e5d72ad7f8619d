import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EcfxError } from '../../errors.ts';
import { tensorsOfKind, type Graph, type Tensor as GraphTensor } from '../../graph/graph.ts';
import type { CompileOptions, Engine, Executable } from '../engine.ts';
import { lowerGraph } from './lower.ts';
import { encodeModel } from './onnx/encode.ts';

/** ONNX Runtime, on the CPU: the graph as an ONNX model in one session. */
export const onnxruntime: Engine = {
  name: 'onnxruntime',
  device: 'cpu',
  precision: 'fp32',
  async versions() {
    const { env } = await load();
    return { 'onnxruntime-node': env.versions.node ?? 'unknown' };
  },
  async compile(graph, options) {
    const model = lowerGraph(graph, options.weights, {});
    return createExecutable(graph, encodeModel(model), options);
  },
};

/** A session over the bytes of an ONNX file. Throws `EcfxError` (unavailable) when the library does not load. */
async function createExecutable(
  graph: Graph,
  bytes: Uint8Array,
  { threads, weights }: CompileOptions,
): Promise<Executable> {
  const ort = await load();
  const session = await ort.InferenceSession.create(bytes, sessionOptions(threads));
  const tensorOf = ({ name, shape }: GraphTensor, values: Float32Array | undefined): Tensor => {
    if (!values) throw new Error(`no values for ${name}`);
    return new ort.Tensor('float32', values, shape);
  };
  const feedsOf = (inputs: ReadonlyMap<string, Float32Array>): Record<string, Tensor> =>
    Object.fromEntries(
      tensorsOfKind(graph, 'input').map((tensor) => [tensor.name, tensorOf(tensor, inputs.get(tensor.name))]),
    );
  const state: Record<string, Tensor> = Object.fromEntries(
    [...graph.updates.keys()].map((tensor) => [tensor.name, tensorOf(tensor, weights.get(tensor))]),
  );
  const advance = async (feeds: Record<string, Tensor>) => {
    const results = await session.run({ ...feeds, ...state });
    for (const [tensor, next] of graph.updates) state[tensor.name] = results[next.name]!;
    return results;
  };
  return {
    bind(inputs) {
      const feeds = feedsOf(inputs);
      return async () => {
        const results = await advance(feeds);
        return new Map(graph.outputs.map(({ name }) => [name, floats(results[name])]));
      };
    },
    state() {
      return new Map(Object.entries(state).map(([name, tensor]) => [name, floats(tensor)]));
    },
    async dispose() {
      await session.release();
    },
  };
}

/** Session options of every measurement: one operator at a time, on `threads` threads, errors only in the log. */
function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  };
}

async function load(): Promise<typeof import('onnxruntime-node')> {
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
