import { GraphBuilder } from '../../src/graph/builder.ts';
import { costOf } from '../../src/graph/graph.ts';
import type { Operands, Operator, Traffic, Work } from '../../src/graph/operator.ts';
import type { Shape } from '../../src/graph/shape.ts';

export interface Applied {
  readonly shape: Shape;
  readonly work: Work;
  readonly traffic: Traffic;
}

export interface AppliedAll {
  readonly shapes: readonly Shape[];
  readonly work: Work;
  readonly traffic: Traffic;
}

/** Applies an operator to inputs of the given shapes, in a graph of its own: its result's shape and its cost. */
export function apply<R extends string, O extends string, A extends object>(
  operator: Operator<string, R, O, A>,
  shapes: Operands<R, O, Shape>,
  attributes: A,
): Applied {
  const { shapes: results, ...cost } = applyAll(operator, shapes, attributes);
  return { shape: results[0]!, ...cost };
}

/** The same, with the shapes of all results. */
export function applyAll<R extends string, O extends string, A extends object>(
  operator: Operator<string, R, O, A>,
  shapes: Operands<R, O, Shape>,
  attributes: A,
): AppliedAll {
  const graph = new GraphBuilder('test');
  const operands = Object.fromEntries(
    Object.entries<Shape>(shapes).map(([name, shape]) => [name, graph.input(name, shape)]),
  );
  const outputs = graph.applyAll(operator, 'node', operands as never, attributes);
  const [node] = graph.build(outputs).nodes;
  if (!node) throw new Error('no node was built');
  return { shapes: outputs.map(({ shape }) => shape), ...costOf(node) };
}

export const work = (macs: number, arithmetic = 0, transcendental = 0): Work => ({
  macs,
  arithmetic,
  transcendental,
});
