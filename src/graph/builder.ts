import { ShapeError } from './shape-error.ts';
import type { Graph, Initializer, Node, Scope, Tensor } from './graph.ts';
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
  #scope: Scope = { stage: '', block: '', layer: '' };

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

  input(name: string, shape: Shape): Tensor {
    return this.#tensor({ kind: 'input', name, shape });
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

  /** Applies an operator that has one output. Throws `ShapeError` when the operands do not fit. */
  apply<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    name: string,
    operands: Operands<R, O, Tensor>,
    attributes: A,
  ): Tensor {
    const path = join(this.#scope.layer, name);
    const shapes: Record<string, Shape> = {};
    for (const [key, tensor] of Object.entries<Tensor | undefined>(operands)) {
      if (tensor) shapes[key] = tensor.shape;
    }
    const outputShapes = checked(path, operator.name, shapes, () =>
      operator.shapes(shapes as Operands<R, O, Shape>, attributes),
    );
    const outputs = outputShapes.map((shape, index) =>
      this.#tensor({ kind: 'computed', name: index === 0 ? path : `${path}:${index}`, shape }),
    );
    const [output] = outputs;
    if (output === undefined) throw new Error(`${operator.name} has no output`);
    this.#nodes.push({
      name: path,
      scope: this.#scope,
      // Readers ask a node's operator only about that node's own operands and attributes.
      operator,
      operands,
      attributes,
      outputs,
    });
    return output;
  }

  build(outputs: readonly Tensor[]): Graph {
    return { name: this.#name, tensors: this.#tensors, nodes: this.#nodes, outputs };
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
