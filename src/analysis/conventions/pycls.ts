import type { Convention } from './convention.ts';
import { macs } from './rules.ts';

/**
 * pycls' complexity functions (pycls/models/blocks.py, `conv2d_cx` and its like), which fill
 * dev/model_complexity.json. A bias costs one per channel, not one per output. Outputs of windowed pooling are
 * activations; those of global pooling are not.
 */
export const pycls: Convention = {
  tool: 'pycls @ 5719de64, model complexity',
  network: 'pycls',
  unit: 'flops',
  operations: {
    convolution: macs,
    dense: macs,
    bias: { line: 'biases', rule: '1 per channel', amount: ({ weights, images }) => weights * images },
  },
  activations: ['convolution', 'dense', 'max pooling', 'average pooling'],
  parameters: { buffers: false },
};
