import type { Tensor } from '../../graph/graph.ts';
import { ints, type Attributes, type Emitter } from './emitter.ts';

/** Writes a lowering of many small steps: helpers are numbered, shapes are constants beside them. */
export class Chain {
  readonly #emit: Emitter;

  constructor(emit: Emitter) {
    this.#emit = emit;
  }

  step(operator: string, inputs: readonly string[], attributes?: Attributes): string {
    return this.#emit.intermediate(this.#next(), operator, inputs, attributes);
  }

  result(output: Tensor, operator: string, inputs: readonly string[], attributes?: Attributes): void {
    this.#emit.result(output, operator, inputs, attributes);
  }

  reshape(input: string, shape: readonly number[]): string {
    return this.step('Reshape', [input, this.integers(shape)]);
  }

  reshapeTo(output: Tensor, input: string): void {
    this.result(output, 'Reshape', [input, this.integers(output.shape)]);
  }

  transpose(input: string, permutation: readonly number[]): string {
    return this.step('Transpose', [input], { perm: ints(permutation) });
  }

  /** Σ along `axes`, which disappear. */
  sum(input: string, axes: readonly number[]): string {
    return this.step('ReduceSum', [input, this.integers(axes)], { keepdims: { kind: 'int', value: 0 } });
  }

  /** Means along `axes`, which stay with extent 1. */
  mean(input: string, axes: readonly number[]): string {
    return this.step('ReduceMean', [input], { axes: ints(axes) });
  }

  /** Elements `indices` along `axis`, which may be as many and in any order. */
  gather(input: string, indices: readonly number[], axis: number): string {
    return this.step('Gather', [input, this.integers(indices)], { axis: { kind: 'int', value: axis } });
  }

  concat(inputs: readonly string[], axis: number): string {
    return this.step('Concat', inputs, { axis: { kind: 'int', value: axis } });
  }

  integers(values: readonly number[]): string {
    return this.#emit.integers(this.#next(), values);
  }

  /** A constant of one value everywhere. */
  floats(shape: readonly number[], value: number): string {
    return this.#emit.floats(this.#next(), shape, value);
  }

  values(shape: readonly number[], values: Float32Array): string {
    return this.#emit.values(this.#next(), shape, values);
  }

  #next(): string {
    return this.#emit.nextName();
  }
}
