import type { Convention, Rule } from './convention.ts';
import { biasPerOutput, macs } from './rules.ts';

const perParameter = (line: string): Rule => ({
  line,
  rule: '1 per parameter and image',
  amount: ({ weights, images }) => weights * images,
});

/**
 * torchinfo's "mult-adds" (torchinfo/layer_info.py, `calculate_macs`), a rule on the names of classes: parameters times
 * output positions where the name has "Conv" in it, parameters once per image elsewhere. Norms thus cost next to
 * nothing, and whatever has no parameters costs nothing.
 */
export const torchinfo: Convention = {
  tool: 'torchinfo @ 5c4164f',
  network: 'torchvision',
  unit: 'mult-adds',
  operations: {
    convolution: macs,
    dense: macs,
    bias: biasPerOutput,
    'batch norm': perParameter('batch norm'),
    'group norm': perParameter('group norm'),
    'instance norm': perParameter('instance norm'),
  },
  activations: null,
  parameters: { buffers: false },
};
