import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { tensorsOfKind, type Graph } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { CompileOptions, Executable, Step, Values } from '../engine.ts';
import { Chain } from './chain.ts';
import { Emitter } from './emitter.ts';
import type { LoweredModel } from './lower.ts';
import { floats, loadLibrary, tensorsOf, type OnnxRuntime } from './library.ts';
import { encodeModel } from './onnx/encode.ts';
import type { OnnxModel, OnnxValue } from './onnx/model.ts';
import { createSession } from './session.ts';

type Tensors = Record<string, Tensor>;

/**
 * A session whose inputs, outputs and state stay in the graphics card's memory between steps: inputs are copied there
 * once, outputs come back only when they are asked for. A run returns when its work is queued. The binding cannot read
 * such tensors (`getData` ends the process), so a session of copies does.
 */
export async function compileOnWebgpu(
  graph: Graph,
  model: LoweredModel,
  options: CompileOptions,
): Promise<Executable> {
  const ort = await loadLibrary();
  const { session, execution, settle } = await createSession(ort, 'webgpu', encodeModel(model), {
    graph,
    model,
    options,
    overrides: { preferredOutputLocation: 'gpu-buffer' },
  });
  const copies = new Copies(ort);
  const updated = [...graph.updates.keys()];
  const held = new Held();
  let state = held.add(
    await copies.upload(
      updated,
      tensorsOf(ort, updated, (tensor) => options.weights.get(tensor)),
    ),
  );

  const bind = (inputs: Values): Step => {
    const tensors = tensorsOfKind(graph, 'input');
    const fed = tensorsOf(ort, tensors, ({ name }) => inputs.get(name));
    let feeds: Tensors | undefined;
    let outputs: Tensors = {};
    return {
      async advance() {
        feeds ??= held.add(await copies.upload(tensors, fed));
        const results = held.add(await session.run({ ...feeds, ...state }));
        // The queue is in order: what a step reads is not overwritten before it has been read.
        held.release(state);
        held.release(outputs);
        state = Object.fromEntries(
          [...graph.updates].map(([tensor, { name }]) => [tensor.name, results[name]!]),
        );
        outputs = Object.fromEntries(graph.outputs.map(({ name }) => [name, results[name]!]));
      },
      synchronize: () => copies.await(graph.outputs[0]!, outputs),
      async outputs() {
        const values = await copies.download(graph.outputs, outputs);
        settle();
        return values;
      },
    };
  };

  return {
    execution,
    bind,
    state: () => copies.download(updated, state),
    async dispose() {
      settle();
      held.releaseAll();
      await copies.dispose();
      await session.release();
    },
  };
}

/** Tensors in the graphics card's memory, which stay there until they are given back. */
class Held {
  readonly #tensors = new Set<Tensor>();

  add(tensors: Readonly<Tensors>): Tensors {
    for (const tensor of Object.values(tensors)) this.#tensors.add(tensor);
    return tensors;
  }

  release(tensors: Readonly<Tensors>): void {
    for (const tensor of Object.values(tensors)) if (this.#tensors.delete(tensor)) tensor.dispose();
  }

  releaseAll(): void {
    for (const tensor of this.#tensors) tensor.dispose();
    this.#tensors.clear();
  }
}

/** Copies between the processor's and the graphics card's memory, by sessions that do nothing else. */
class Copies {
  readonly #ort: OnnxRuntime;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(ort: OnnxRuntime) {
    this.#ort = ort;
  }

  async upload(values: readonly OnnxValue[], tensors: Tensors): Promise<Tensors> {
    if (values.length === 0) return {};
    const session = await this.#session(`up ${keyOf(values)}`, () => identities(values), 'gpu-buffer');
    return renamed(values, await session.run(feedsOf(values, tensors)));
  }

  async download(values: readonly OnnxValue[], tensors: Tensors): Promise<Map<string, Float32Array>> {
    if (values.length === 0) return new Map();
    const session = await this.#session(`down ${keyOf(values)}`, () => identities(values), 'cpu');
    const results = renamed(values, await session.run(feedsOf(values, tensors)));
    return new Map(Object.entries(results).map(([name, tensor]) => [name, floats(tensor)]));
  }

  /** Resolves when everything before it in the queue is done: reads back one number. */
  async await(value: OnnxValue, tensors: Tensors): Promise<void> {
    const session = await this.#session(`await ${value.name}`, () => firstElement(value), 'cpu');
    await session.run(feedsOf([value], tensors));
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  #session(
    key: string,
    model: () => OnnxModel,
    preferredOutputLocation: Tensor.DataLocation,
  ): Promise<InferenceSession> {
    const known = this.#sessions.get(key);
    if (known) return known;
    const created = this.#ort.InferenceSession.create(encodeModel(model()), {
      executionProviders: ['webgpu'],
      preferredOutputLocation,
      logSeverityLevel: 3,
    });
    this.#sessions.set(key, created);
    return created;
  }
}

const keyOf = (values: readonly OnnxValue[]) => values.map(({ name }) => name).join(' ');

const copyOf = (name: string) => `${name}/copy`;

function feedsOf(values: readonly OnnxValue[], tensors: Tensors): Tensors {
  return Object.fromEntries(values.map(({ name }) => [name, tensors[name]!]));
}

function renamed(values: readonly OnnxValue[], results: InferenceSession.ReturnType): Tensors {
  return Object.fromEntries(values.map(({ name }) => [name, results[copyOf(name)]!]));
}

function identities(values: readonly OnnxValue[]): OnnxModel {
  const emit = new Emitter('copies');
  const outputs = values.map(({ name, shape }) => ({ kind: 'computed', name: copyOf(name), shape }) as const);
  for (const [index, output] of outputs.entries()) emit.result(output, 'Identity', [values[index]!.name]);
  return { name: 'copies', metadata: {}, nodes: emit.nodes, initializers: [], inputs: values, outputs };
}

function firstElement(value: OnnxValue): OnnxModel {
  const emit = new Emitter('first');
  const chain = new Chain(emit);
  const flat = chain.reshape(value.name, [size(value.shape)]);
  const output = { kind: 'computed', name: 'element', shape: [1] } as const;
  chain.result(output, 'Slice', [flat, chain.integers([0]), chain.integers([1])]);
  const { nodes, initializers } = emit;
  return { name: 'first', metadata: {}, nodes, initializers, inputs: [value], outputs: [output] };
}
