import type { Convention } from './convention.ts';
import { macs } from './rules.ts';

/** `_ops` and `num_params` of torchvision's weights (torchvision/models/efficientnet.py). */
export const torchvision: Convention = {
  tool: 'torchvision weights metadata (_ops, num_params)',
  network: 'torchvision',
  unit: 'GFLOPS',
  operations: { convolution: macs, dense: macs, 'matrix product': macs },
  activations: null,
  parameters: { buffers: false },
};
