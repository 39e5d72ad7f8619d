import type { Convention, Rule } from './convention.ts';
import { macs, perNormElement } from './rules.ts';

const adaptivePooling = (line: string): Rule => ({
  line,
  rule: '1 per element read, 1 per output',
  amount: ({ inputs, outputs }) => inputs + outputs,
});

/**
 * thop, also called pytorch-OpCounter (thop/profile.py, thop/vision/basic_hooks.py and calc_func.py). It knows modules
 * by their exact type. nn.GroupNorm (which is layer norm here too, with one group), SiLU and sigmoid are not among
 * them, nor anything that is no module; the parameters of what it does not know are missing as well.
 */
export const thop: Convention = {
  tool: 'thop (pytorch-OpCounter @ 43c064a)',
  network: 'torchvision',
  unit: 'MACs',
  operations: {
    convolution: macs,
    dense: macs,
    'batch norm': perNormElement('batch norm', 4, 2),
    'instance norm': perNormElement('instance norm', 4, 2),
    squeeze: adaptivePooling('squeeze'),
    'global pooling': adaptivePooling('global pooling'),
    'average pooling': { line: 'pooling', rule: '1 per output', amount: ({ outputs }) => outputs },
  },
  activations: null,
  parameters: { buffers: false, unseen: ['group norm', 'elementwise', 'layout'] },
};
