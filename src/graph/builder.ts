import { ShapeError } from './shape-error.ts';
import type { Graph, Initializer, Node, Pass, Sample, Scope, Tensor } from './graph.ts';
import { Mismatch, type Operands, type Operator } from './operator.ts';
import { formatShape, size, type Shape } from './shape.ts';

/**
 * Builds a graph node by node, checking shapes as it goes.
 *
 * Names come from scopes: inside `stage('stages.3')`, `block('1')`, `layer('expand')`, a node `conv` is called
 * `stages.3.1.expand.conv` and its parameter `filter` is `stages.3.1.expand.conv.filter`.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #tensors: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #names = new Set<string>();
  readonly #updates = new Map<Tensor, Tensor>();
  #scope: Scope = { stage: '', block: '', layer: '' };
  #pass: Pass = 'forward';

  constructor(name: string) {
    this.#name = name;
  }

  stage<Result>(name: string, body: () => Result): Result {
    return this.#within({ stage: name, block: name, layer: name }, body);
  }

  block<Result>(name: string, body: () => Result): Result {
    const path = join(this.#scope.stage, name);
    return this.#within({ ...this.#scope, block: path, layer: path }, body);
  }

  layer<Result>(name: string, body: () => Result): Result {
    return this.#within({ ...this.#scope, layer: join(this.#scope.layer, name) }, body);
  }

  /** Builds into a scope that exists already, for a pass of the training step. */
  within<Result>(scope: Scope, pass: Pass, body: () => Result): Result {
    const outer = this.#pass;
    this.#pass = pass;
    try {
      return this.#within(scope, body);
    } finally {
      this.#pass = outer;
    }
  }

  /** Something fed in at every step, named as a whole: inputs belong to the network, not to a scope. */
  input(name: string, shape: Shape, sample: Sample = { kind: 'normal' }): Tensor {
    return this.#tensor({ kind: 'input', name, shape, sample });
  }

  /** Something fed in at every step that belongs to a place in the network, such as a mask. */
  scopedInput(name: string, shape: Shape, sample: Sample): Tensor {
    return this.input(join(this.#scope.layer, name), shape, sample);
  }

  /** State of the optimizer, named as a whole after the parameter that it belongs to. */
  slot(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.#tensor({ kind: 'slot', name, shape, initializer });
  }

  /** Says what replaces a piece of state after the step. */
  update(state: Tensor, next: Tensor): void {
    if (this.#updates.has(state)) throw new Error(`${state.name} is updated twice`);
    this.#updates.set(state, next);
  }

  /** What replaces a piece of state after the step. Throws when nothing does. */
  nextOf(state: Tensor): Tensor {
    const next = this.#updates.get(state);
    if (!next) throw new Error(`${state.name} is not updated`);
    return next;
  }

  /** The tensors so far, in the order in which they were made. */
  get tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  /** The nodes so far, in the order in which they can run. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** A learned tensor, named within the current scope. */
  parameter(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.#tensor({ kind: 'parameter', name: join(this.#scope.layer, name), shape, initializer });
  }

  /** State that is not learned by gradient, named within the current scope. */
  buffer(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.#tensor({ kind: 'buffer', name: join(this.#scope.layer, name), shape, initializer });
  }

  /** Fixed numbers, named within the current scope. Throws `RangeError` unless there is a value for each element. */
  constant(name: string, shape: Shape, values: Float64Array): Tensor {
    if (values.length !== size(shape)) {
      throw new RangeError(`constant ${name}: ${values.length} values for shape ${formatShape(shape)}`);
    }
    return this.#tensor({ kind: 'constant', name: join(this.#scope.layer, name), shape, values });
  }

  /** Applies an operator and returns its first output. Throws `ShapeError` when the operands do not fit. */
  apply<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    name: string,
    operands: Operands<R, O, Tensor>,
    attributes: A,
  ): Tensor {
    return this.applyAll(operator, name, operands, attributes)[0]!;
  }

  /** Applies an operator and returns all its outputs: at least one. Throws `ShapeError` as `apply` does. */
  applyAll<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    name: string,
    operands: Operands<R, O, Tensor>,
    attributes: A,
  ): readonly Tensor[] {
    const path = join(this.#scope.layer, name);
    const shapes: Record<string, Shape> = {};
    for (const [key, tensor] of Object.entries<Tensor | undefined>(operands)) {
      if (tensor) shapes[key] = tensor.shape;
    }
    const outputShapes = checked(path, operator.name, shapes, () =>
      operator.shapes(shapes as Operands<R, O, Shape>, attributes),
    );
    if (outputShapes.length === 0) throw new Error(`${operator.name} has no output`);
    const outputs = outputShapes.map((shape, index) =>
      this.#tensor({ kind: 'computed', name: index === 0 ? path : `${path}:${index}`, shape }),
    );
    this.#nodes.push({
      name: path,
      scope: this.#scope,
      pass: this.#pass,
      // Readers ask a node's operator only about that node's own operands and attributes.
      operator,
      operands,
      attributes,
      outputs,
    });
    return outputs;
  }

  build(outputs: readonly Tensor[]): Graph {
    return { name: this.#name, tensors: this.#tensors, nodes: this.#nodes, outputs, updates: this.#updates };
  }

  #within<Result>(scope: Scope, body: () => Result): Result {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  #tensor<T extends Tensor>(tensor: T): T {
    if (this.#names.has(tensor.name)) throw new Error(`two tensors are called ${tensor.name}`);
    this.#names.add(tensor.name);
    this.#tensors.push(tensor);
    return tensor;
  }
}

function join(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function checked<Result>(
  path: string,
  operator: string,
  operands: Record<string, Shape>,
  rule: () => Result,
): Result {
  try {
    return rule();
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const shapes = Object.entries(operands).map(([name, shape]) => `${name} ${formatShape(shape)}`);
    throw new ShapeError(`${path}: ${operator}(${shapes.join(', ')}): ${error.message}`, { cause: error });
  }
}
