import type { Convention } from './convention.ts';
import { macs, weightedParts } from './rules.ts';

/** ecfx's own convention (analysis/count.ts): everything that is no multiply-accumulate has a bucket of its own. */
export const ecfx: Convention = {
  tool: 'ecfx',
  network: 'as built by ecfx',
  unit: 'MACs',
  operations: { convolution: macs, dense: macs, 'matrix product': macs },
  activations: weightedParts,
  parameters: { buffers: false },
};
