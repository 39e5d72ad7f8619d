import { EcfxError } from '../../errors.ts';
import { parameterOnlyNodes, tensorsOfKind, type Graph, type Node, type Tensor } from '../../graph/graph.ts';
import { dispatch } from '../../operators/registry.ts';
import type { CompileOptions, Executable, Step, Values } from '../engine.ts';
import { emulationOf } from '../emulation.ts';
import { convolutionDetours } from './convolution/emulated.ts';
import { blockOf } from './kernels/block.ts';
import type { Context } from './kernels/context.ts';
import { kernels } from './kernels/table.ts';
import { assignLayouts, rearrange, type Layout } from './layout.ts';
import type { Backend, Held } from './library.ts';
import { survivorsOf, withLifetimes, type Instruction } from './lifetimes.ts';

/**
 * A graph on a backend, node by node. Parameters and optimizer state stay on the device. Every intermediate is disposed
 * after its last use, and a step that leaves more tensors than it found throws `EcfxError` (failure).
 */
export async function createExecutable(
  backend: Backend,
  graph: Graph,
  { weights }: CompileOptions,
): Promise<Executable> {
  const { tf } = backend;
  await activate(backend);
  const machine = new Machine(backend, graph);
  for (const [tensor, values] of weights) machine.hold(tensor, values);
  const nodes = machine.computeFixed();
  const instructions = withLifetimes(nodes, survivorsOf(graph));

  const bind = (inputs: Values): Step => {
    const fed = new Map<Tensor, Held>();
    for (const tensor of tensorsOfKind(graph, 'input')) {
      const values = inputs.get(tensor.name);
      if (!values) throw new Error(`no values for ${tensor.name}`);
      fed.set(tensor, machine.upload(tensor, values));
    }
    return {
      async advance() {
        await activate(backend);
        machine.run(instructions, fed);
      },
      synchronize: () => machine.synchronize(),
      outputs: () => machine.outputs(),
    };
  };
  return {
    execution: {
      threads: backend.threads,
      placement: { [backend.name]: graph.nodes.length },
      ...emulationOf(graph, convolutionDetours(graph, backend.abilities)),
    },
    bind,
    state: () => machine.read(graph.updates.keys()),
    dispose() {
      tf.dispose(machine.everything());
      return Promise.resolve();
    },
  };
}

/** Makes the backend the one that computes. A backend that fails leaves another one active, without a word. */
async function activate({ tf, name }: Backend): Promise<void> {
  if (tf.getBackend() === name) return;
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name)
    throw new EcfxError('unavailable', `TensorFlow.js could not switch to its ${name} backend`);
}

/** The tensors of one executable, by what they are for. */
class Machine {
  readonly #backend: Backend;
  readonly #graph: Graph;
  readonly #layoutOf: (tensor: Tensor) => Layout;
  /** Weights and state, and what follows from weights alone. */
  readonly #fixed = new Map<Tensor, Held>();
  readonly #inputs: Held[] = [];
  readonly #scalars = new Map<number, Held>();
  #results = new Map<Tensor, Held>();

  constructor(backend: Backend, graph: Graph) {
    this.#backend = backend;
    this.#graph = graph;
    this.#layoutOf = assignLayouts(graph);
  }

  hold(tensor: Tensor, values: Float32Array): void {
    this.#fixed.set(tensor, this.#place(tensor, values));
  }

  /** Values of an input, which live as long as the executable. */
  upload(tensor: Tensor, values: Float32Array): Held {
    const held = this.#place(tensor, values);
    this.#inputs.push(held);
    return held;
  }

  #place(tensor: Tensor, values: Float32Array): Held {
    const { tf } = this.#backend;
    return tf.tidy(() =>
      rearrange(tf, tf.tensor(values, [...tensor.shape]), tensor.shape, 'plain', this.#layoutOf(tensor)),
    );
  }

  /** In inference, computes once what depends on weights alone; returns the nodes that a step has to compute. */
  computeFixed(): readonly Node[] {
    const { nodes, updates } = this.#graph;
    if (updates.size > 0) return nodes;
    const once = parameterOnlyNodes(this.#graph);
    if (once.size > 0) {
      const rest = nodes.filter((node) => !once.has(node));
      const needed = new Set([
        ...this.#graph.outputs,
        ...rest.flatMap(({ operands }) => Object.values(operands)),
      ]);
      const kept = new Set([...needed].filter((tensor) => tensor !== undefined));
      const instructions = withLifetimes([...once], kept);
      for (const [tensor, held] of this.#compute(instructions, new Map())) this.#fixed.set(tensor, held);
      return rest;
    }
    return nodes;
  }

  /** One step. The next state takes the place of the last one. */
  run(instructions: readonly Instruction[], inputs: ReadonlyMap<Tensor, Held>): void {
    const { tf } = this.#backend;
    tf.dispose([...this.#results.values()]);
    this.#results = new Map();
    const before = this.#liveTensors();
    const computed = this.#compute(instructions, inputs);
    const replaced: Held[] = [];
    for (const [tensor, next] of this.#graph.updates) {
      replaced.push(this.#fixed.get(tensor)!);
      this.#fixed.set(tensor, computed.get(next)!);
    }
    tf.dispose(replaced);
    for (const output of this.#graph.outputs) {
      const held = computed.get(output) ?? this.#fixed.get(output) ?? inputs.get(output);
      this.#results.set(output, held!.clone());
    }
    const next = new Set(this.#graph.updates.values());
    for (const [tensor, held] of computed) if (!next.has(tensor)) held.dispose();
    const leaked = this.#liveTensors() - before - this.#results.size;
    if (leaked !== 0)
      throw new EcfxError('failure', `a step left ${leaked} tensors on the ${this.#backend.name} backend`);
  }

  /** What the instructions leave, by tensor. Nothing stays when one of them fails. */
  #compute(instructions: readonly Instruction[], inputs: ReadonlyMap<Tensor, Held>): Map<Tensor, Held> {
    const { tf, abilities } = this.#backend;
    const computed = new Map<Tensor, Held>();
    const context: Context = {
      tf,
      abilities,
      layoutOf: this.#layoutOf,
      scalar: (value) => this.#scalar(value),
      values: (tensor, layout) => {
        const held = computed.get(tensor) ?? this.#fixed.get(tensor) ?? inputs.get(tensor);
        if (!held) throw new Error(`no values for ${tensor.name}`);
        return layout ? rearrange(tf, held, tensor.shape, this.#layoutOf(tensor), layout) : held;
      },
    };
    try {
      for (const { node, lastUsed } of instructions) {
        const operands = new Set(
          Object.values(node.operands).map((tensor) => tensor && context.values(tensor)),
        );
        const results = tf.tidy(() =>
          // A result that is an operand itself needs a life of its own.
          dispatch(kernels, node, context).map((held) => (operands.has(held) ? held.clone() : held)),
        );
        for (const [index, output] of node.outputs.entries()) computed.set(output, results[index]!);
        for (const tensor of lastUsed) {
          computed.get(tensor)!.dispose();
          computed.delete(tensor);
        }
      }
    } catch (error) {
      try {
        tf.dispose([...computed.values()]);
      } catch {
        // After a trap a backend may not even free what it has: the first error is the one that says why.
      }
      throw this.#backend.explain?.(error) ?? error;
    }
    return computed;
  }

  #scalar(value: number): Held {
    const { tf } = this.#backend;
    const known = this.#scalars.get(value);
    if (known) return known;
    const held = tf.keep(tf.scalar(value));
    this.#scalars.set(value, held);
    return held;
  }

  /** Of all executables of this process, without the numbers that are uploaded at first use. */
  #liveTensors(): number {
    return this.#backend.tf.memory().numTensors - this.#scalars.size;
  }

  /** Reads back one number of what was computed last: the device works in order. */
  async synchronize(): Promise<void> {
    const { tf } = this.#backend;
    const last = [...this.#graph.updates.keys()].at(-1);
    const held = last ? this.#fixed.get(last)! : [...this.#results.values()].at(-1)!;
    const flat = () => tf.reshape(held, [held.size]);
    const first = tf.tidy(() => blockOf(this.#backend, flat(), { begin: [0], size: [1] }).clone());
    await first.data();
    first.dispose();
  }

  outputs(): Promise<Values> {
    return this.read(this.#graph.outputs);
  }

  /** Values by name, in the order of the graph's axes. */
  async read(tensors: Iterable<Tensor>): Promise<Values> {
    const { tf } = this.#backend;
    const values = new Map<string, Float32Array>();
    for (const tensor of tensors) {
      const held = this.#results.get(tensor) ?? this.#fixed.get(tensor)!;
      const plain = tf.tidy(() => rearrange(tf, held, tensor.shape, this.#layoutOf(tensor), 'plain').clone());
      const data = await plain.data<'float32'>();
      values.set(tensor.name, data instanceof Float32Array ? data.slice() : Float32Array.from(data));
      plain.dispose();
    }
    return values;
  }

  everything(): Held[] {
    return [...this.#fixed.values(), ...this.#inputs, ...this.#scalars.values(), ...this.#results.values()];
  }
}
