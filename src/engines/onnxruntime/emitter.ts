import type { Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { Pads } from '../../operators/padding.ts';
import type { Detour } from '../emulation.ts';
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from './onnx/model.ts';

/** Collects the ONNX nodes of one graph node; names of helpers start with the graph node's own. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  /** Where the nodes compute more products than the graph node asks for. */
  readonly detours: Detour[] = [];
  readonly #path: string;
  #named = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Emits a node whose result is an intermediate, and returns the result's name. */
  intermediate(suffix: string, operator: string, inputs: readonly string[], attributes?: Attributes): string {
    const output = `${this.#path}/${suffix}`;
    this.#emit(output, operator, inputs, output, attributes);
    return output;
  }

  /** Emits a node whose result is one of the graph node's own outputs. */
  result(output: Tensor, operator: string, inputs: readonly string[], attributes?: Attributes): void {
    this.#emit(output.name, operator, inputs, output.name, attributes);
  }

  /** A suffix that was not used before: `t1`, `t2` and so on. */
  nextName(): string {
    this.#named += 1;
    return `t${this.#named}`;
  }

  integers(suffix: string, values: readonly number[]): string {
    const name = `${this.#path}/${suffix}`;
    this.initializers.push({ name, shape: [values.length], type: 'int64', values });
    return name;
  }

  /** A constant of one value everywhere. */
  floats(suffix: string, shape: readonly number[], value: number): string {
    return this.values(suffix, shape, new Float32Array(size(shape)).fill(value));
  }

  /** A constant; the same name again is the same constant. */
  values(suffix: string, shape: readonly number[], values: Float32Array): string {
    const name = `${this.#path}/${suffix}`;
    if (!this.initializers.some((initializer) => initializer.name === name)) {
      this.initializers.push({ name, shape, type: 'float', values });
    }
    return name;
  }

  #emit(
    name: string,
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes?: Attributes,
  ): void {
    this.nodes.push({
      name,
      ...parseOperator(operator),
      inputs,
      outputs: [output],
      ...(attributes && { attributes }),
    });
  }
}

/** `com.microsoft/FusedMatMul` is that operator of the domain `com.microsoft`; without a slash it is a standard one. */
function parseOperator(operator: string): { operator: string; domain?: string } {
  const slash = operator.indexOf('/');
  return slash === -1
    ? { operator }
    : { operator: operator.slice(slash + 1), domain: operator.slice(0, slash) };
}

export type Attributes = Readonly<Record<string, OnnxAttribute>>;

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });

/** ONNX order: all begins, then all ends. */
export function onnxPads({ before, after }: Pads): OnnxAttribute {
  return ints([...before, ...after]);
}

export function outputOf(node: { readonly name: string; readonly outputs: readonly Tensor[] }): Tensor {
  const [output] = node.outputs;
  if (!output) throw new Error(`${node.name} has no output`);
  return output;
}

export function names(...tensors: readonly (Tensor | undefined)[]): string[] {
  return tensors.filter((tensor) => tensor !== undefined).map((tensor) => tensor.name);
}
