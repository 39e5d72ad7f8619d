import type { InferenceSession } from 'onnxruntime-node';
import { tensorsOfKind, type Graph } from '../../graph/graph.ts';
import type { CompileOptions, Executable, Step, Values } from '../engine.ts';
import { floats, loadLibrary, tensorsOf } from './library.ts';
import { encodeModel } from './onnx/encode.ts';
import type { LoweredModel } from './lower.ts';
import type { ProviderName } from './provider.ts';
import { createSession } from './session.ts';

/**
 * A session whose inputs, outputs and state are in the processor's memory between steps. The binding knows no other place
 * for providers but WebGPU: on a graphics card the state of training goes there and back with every step.
 */
export async function compileOnProcessor(
  provider: ProviderName,
  graph: Graph,
  model: LoweredModel,
  options: CompileOptions,
): Promise<Executable> {
  const ort = await loadLibrary();
  const { session, execution, settle } = await createSession(ort, provider, encodeModel(model), {
    graph,
    options,
    model,
  });
  // Not captured by what is returned: the first values may go as soon as the first step has replaced them.
  const state = tensorsOf(ort, [...graph.updates.keys()], (tensor) => options.weights.get(tensor));
  const bind = (inputs: Values): Step => {
    const feeds = tensorsOf(ort, tensorsOfKind(graph, 'input'), ({ name }) => inputs.get(name));
    let results: Awaited<ReturnType<InferenceSession['run']>> = {};
    return {
      async advance() {
        results = await session.run({ ...feeds, ...state });
        for (const [tensor, next] of graph.updates) state[tensor.name] = results[next.name]!;
      },
      // A run is done when it returns.
      synchronize: () => Promise.resolve(),
      outputs() {
        settle();
        return Promise.resolve(new Map(graph.outputs.map(({ name }) => [name, floats(results[name])])));
      },
    };
  };
  return {
    execution,
    bind,
    state: () =>
      Promise.resolve(new Map(Object.entries(state).map(([name, tensor]) => [name, floats(tensor)]))),
    async dispose() {
      settle();
      await session.release();
    },
  };
}
