import type { Operator } from '../graph/operator.ts';
import { size } from '../graph/shape.ts';
import { extents4 } from './convolution.ts';
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
};
