import { backpropagate } from '../../src/gradients/backpropagate.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';
import { size, type Shape } from '../../src/graph/shape.ts';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { reduce } from '../../src/operators/reduction.ts';
import { normal, type Fill } from './fills.ts';

/** A differentiated graph, a point in it, and every tensor's values there. */
export interface Differentiated {
  readonly graph: Graph;
  readonly scalar: Tensor;
  readonly gradients: ReadonlyMap<Tensor, Tensor>;
  readonly values: ReadonlyMap<Tensor, Float64Array>;
}

interface Operands {
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Operands that nothing is learned from. */
  readonly fixed?: readonly string[];
  /** How tensors are filled; the others by `fill`, standard normal where nothing is said. */
  readonly fills?: Readonly<Record<string, Fill>>;
  readonly fill?: Fill;
  readonly body: (graph: GraphBuilder, operands: Readonly<Record<string, Tensor>>) => Tensor;
}

/**
 * The weighted sum of what `body` makes of its operands, differentiated by all that are not fixed and by the parameters
 * that `body` adds.
 */
export function differentiateWeightedSum(options: Operands): Differentiated {
  const { shapes, fixed = [], fills = {}, fill = normal, body } = options;
  const graph = new GraphBuilder('weighted sum');
  const operands = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      fixed.includes(name)
        ? graph.input(name, shape)
        : graph.parameter(name, shape, { kind: 'constant', value: 0 }),
    ]),
  );
  const result = body(graph, operands);
  // A sum of plain ones would hide whatever is in the wrong place.
  const weights = graph.constant(
    'weights',
    result.shape,
    (fills['weights'] ?? fill)(size(result.shape), 'weights'),
  );
  const weighted = graph.apply(
    binary,
    'weighted',
    { left: result, right: weights },
    { function: 'multiply' },
  );
  const axes = result.shape.map((_, axis) => axis);
  const scalar = graph.apply(reduce, 'scalar', { input: weighted }, { function: 'sum', axes });
  const gradients = backpropagate(graph, scalar, tensorsOfKind(graph, 'parameter'));
  const built = graph.build([scalar]);
  const given = new Map<Tensor, Float64Array>();
  for (const tensor of built.tensors) {
    if (tensor.kind === 'computed') continue;
    const { name, shape } = tensor;
    given.set(tensor, tensor.kind === 'constant' ? tensor.values : (fills[name] ?? fill)(size(shape), name));
  }
  return { graph: built, scalar, gradients, values: evaluate(built, given) };
}
