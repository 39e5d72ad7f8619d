import type { Graph, Tensor } from '../../graph/graph.ts';
import { dispatch } from '../../operators/registry.ts';
import { kernels } from './kernels.ts';

/**
 * Runs a graph in double precision from the operators' definitions and returns every tensor's values.
 * `given` holds the values of inputs, parameters, buffers and constants. Throws when one is missing.
 */
export function evaluate(
  graph: Graph,
  given: ReadonlyMap<Tensor, ArrayLike<number>>,
): ReadonlyMap<Tensor, Float64Array> {
  const values = new Map<Tensor, Float64Array>();
  const valuesOf = (tensor: Tensor): Float64Array => {
    const computed = values.get(tensor);
    if (computed) return computed;
    const source = given.get(tensor);
    if (!source) throw new Error(`no values for ${tensor.name}`);
    const converted = source instanceof Float64Array ? source : Float64Array.from(source);
    values.set(tensor, converted);
    return converted;
  };
  for (const node of graph.nodes) {
    const results = dispatch(kernels, node, valuesOf);
    const all = results instanceof Float64Array ? [results] : results;
    for (const [index, output] of node.outputs.entries()) values.set(output, all[index]!);
  }
  return values;
}
