import { require, type Operator } from '../graph/operator.ts';
import { size, type Shape } from '../graph/shape.ts';
import { sumTo } from './broadcasting.ts';
import { arithmetic } from './elementwise.ts';

export interface ReduceAttributes {
  readonly function: 'sum' | 'mean' | 'max';
  /** Reduced axes; they stay, with extent 1. */
  readonly axes: readonly number[];
}

/**
 * Sum, mean or maximum over some axes, which stay with extent 1. Arithmetic: one per element read, and for a mean a
 * division per result. Equal maxima share their gradient.
 */
export const reduce: Operator<'reduce', 'input', never, ReduceAttributes> = {
  name: 'reduce',
  shapes({ input }, { axes }) {
    requireAxes(input, axes);
    return [input.map((extent, axis) => (axes.includes(axis) ? 1 : extent))];
  },
  work({ operands: { input }, outputs, attributes }) {
    const division = attributes.function === 'mean' ? size(outputs[0] ?? []) : 0;
    return { macs: 0, arithmetic: size(input) + division, transcendental: 0 };
  },
  gradient(graph, { operands: { input }, outputs, attributes }, outputGradient) {
    const { apply } = arithmetic(graph);
    const [output] = outputs;
    const rules = {
      // The same for every element: left to be broadcast where it is used.
      sum: () => outputGradient,
      mean: () => {
        const share = size(outputGradient.shape) / size(input.shape);
        return apply('multiply', outputGradient, graph.scalar(share));
      },
      max: () => {
        const isLargest = apply('greaterEqual', input, output!);
        const ties = graph.apply(sumTo, { input: isLargest }, { shape: outputGradient.shape });
        return apply('multiply', isLargest, apply('divide', outputGradient, ties));
      },
    };
    return { input: rules[attributes.function] };
  },
};

/** Softmax along one axis: maximum, subtraction, exp, sum, division. */
export const softmax: Operator<'softmax', 'input', never, { readonly axis: number }> = {
  name: 'softmax',
  shapes({ input }, { axis }) {
    requireAxes(input, [axis]);
    return [input];
  },
  work({ operands: { input } }) {
    return { macs: 0, arithmetic: 4 * size(input), transcendental: size(input) };
  },
  gradient: (graph, { outputs, attributes: { axis } }, outputGradient) => ({
    input: () => {
      const { apply } = arithmetic(graph);
      const output = outputs[0]!;
      const product = apply('multiply', outputGradient, output);
      const sum = graph.apply(reduce, { input: product }, { function: 'sum', axes: [axis] });
      return apply('subtract', product, apply('multiply', output, sum));
    },
  }),
};

function requireAxes(input: Shape, axes: readonly number[]): void {
  for (const axis of axes) {
    require(Number.isInteger(axis) &&
      axis >= 0 &&
      axis < input.length, `axis ${axis} is not one of the ${input.length} axes`);
  }
}
