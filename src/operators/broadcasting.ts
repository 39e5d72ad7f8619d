import { require, type Applier, type Operator, type Shaped, type Work } from '../graph/operator.ts';
import { broadcast as broadcastShapes, formatShape, sameShape, size, type Shape } from '../graph/shape.ts';

const nothing: Work = { macs: 0, arithmetic: 0, transcendental: 0 };

interface ShapeAttributes {
  readonly shape: Shape;
}

/** A tensor repeated along axes of extent 1, or new ones in front, to fill `shape`. */
export const broadcast: Operator<'broadcast', 'input', never, ShapeAttributes> = {
  name: 'broadcast',
  shapes({ input }, { shape }) {
    requireBroadcast(input, shape);
    return [shape];
  },
  work: () => nothing,
  gradient: (graph, { operands: { input } }, outputGradient) => ({
    input: () => graph.apply(sumTo, { input: outputGradient }, { shape: input.shape }),
  }),
};

/** The sum over everything that `broadcast` from `shape` would repeat: the adjoint of broadcasting. */
export const sumTo: Operator<'sumTo', 'input', never, ShapeAttributes> = {
  name: 'sumTo',
  shapes({ input }, { shape }) {
    requireBroadcast(shape, input);
    return [shape];
  },
  work: ({ operands: { input } }) => ({ macs: 0, arithmetic: size(input), transcendental: 0 }),
  /** The same for everything that was summed: left to be broadcast where it is used. */
  gradient: (_, __, outputGradient) => ({ input: () => outputGradient }),
};

function requireBroadcast(from: Shape, to: Shape): void {
  const result = broadcastShapes(from, to);
  require(result !== undefined &&
    sameShape(result, to), `${formatShape(from)} does not broadcast to ${formatShape(to)}`);
}

/** The gradient of something that was broadcast, summed back to its shape; itself where nothing was repeated. */
export function reducedTo<Value extends Shaped>(graph: Applier<Value>, gradient: Value, shape: Shape): Value {
  return sameShape(gradient.shape, shape) ? gradient : graph.apply(sumTo, { input: gradient }, { shape });
}
