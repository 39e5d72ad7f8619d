import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { operandsOf, type Graph, type Tensor } from '../../src/graph/graph.ts';

/** Values of tensors in double precision. */
export type Point = ReadonlyMap<Tensor, Float64Array>;

/**
 * The slope of a scalar of a graph at a point, as a parameter moves along a direction: the central difference
 * over one step each way.
 *
 * Only what the parameter reaches is computed again; `point` holds everything else, computed values included.
 */
export function slope(
  graph: Graph,
  scalar: Tensor,
  point: Point,
  { parameter, direction, step }: { parameter: Tensor; direction: ArrayLike<number>; step: number },
): number {
  const nodes = downstream(graph, parameter, scalar);
  const base = point.get(parameter)!;
  const at = (factor: number): number => {
    const moved = base.map((value, index) => value + factor * step * direction[index]!);
    const given = new Map<Tensor, ArrayLike<number>>(point).set(parameter, moved);
    return evaluate({ ...graph, nodes }, given).get(scalar)![0]!;
  };
  return (at(1) - at(-1)) / (2 * step);
}

/** The direction of one element. */
export function unitDirection(length: number, element: number): Float64Array {
  return new Float64Array(length).fill(1, element, element + 1);
}

/** The nodes between a tensor and a scalar, in order. */
function downstream(graph: Graph, source: Tensor, scalar: Tensor): Graph['nodes'] {
  const reached = new Set([source]);
  const forward = graph.nodes.filter((node) => {
    const isReached = node.pass === 'forward' && operandsOf(node).some((operand) => reached.has(operand));
    if (isReached) for (const output of node.outputs) reached.add(output);
    return isReached;
  });
  const needed = new Set([scalar]);
  return forward
    .toReversed()
    .filter((node) => {
      const isNeeded = node.outputs.some((output) => needed.has(output));
      if (isNeeded) for (const operand of operandsOf(node)) needed.add(operand);
      return isNeeded;
    })
    .toReversed();
}
