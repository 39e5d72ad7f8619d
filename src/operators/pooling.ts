import { require, type Operator } from '../graph/operator.ts';
import { formatShape, sameShape, size } from '../graph/shape.ts';
import { extents4 } from './extents.ts';
import { windowOutput, type Window } from './padding.ts';

export interface PoolAttributes {
  readonly function: 'max' | 'average';
  readonly window: Window;
}

/**
 * Maximum or mean of each window: `[N, C, H, W]` → `[N, C, H', W']`. Padding never counts: it is −∞ for the maximum
 * and left out of the mean. Arithmetic: one per tap and output element.
 */
export const pool2d: Operator<'pool2d', 'input', never, PoolAttributes> = {
  name: 'pool2d',
  shapes({ input }, { window }) {
    const [batch, channels, height, width] = extents4(input, 'input');
    return [[batch, channels, ...windowOutput([height, width], window)]];
  },
  work({ outputs, attributes: { window } }) {
    const [kernelHeight, kernelWidth] = window.kernel;
    return { macs: 0, arithmetic: size(outputs[0] ?? []) * kernelHeight * kernelWidth, transcendental: 0 };
  },
  gradient: (graph, { operands: { input }, attributes }, outputGradient) => ({
    input: () => graph.apply(pool2dGradient, { outputGradient, input }, attributes),
  }),
};

/**
 * Gradient of a pooling with respect to its input: to the first maximum of each window, or to all of its taps in equal
 * parts. Arithmetic: two per tap and output element (compare or divide, and add).
 */
export const pool2dGradient: Operator<'pool2dGradient', 'outputGradient' | 'input', never, PoolAttributes> = {
  name: 'pool2dGradient',
  shapes({ outputGradient, input }, { window }) {
    const [batch, channels, height, width] = extents4(input, 'input');
    const output = [batch, channels, ...windowOutput([height, width], window)];
    require(sameShape(output, outputGradient), `the forward result is ${formatShape(output)}`);
    return [input];
  },
  work({ operands: { outputGradient }, attributes: { window } }) {
    const [kernelHeight, kernelWidth] = window.kernel;
    return { macs: 0, arithmetic: 2 * size(outputGradient) * kernelHeight * kernelWidth, transcendental: 0 };
  },
};
