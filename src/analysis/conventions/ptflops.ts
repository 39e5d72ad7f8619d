import type { Convention } from './convention.ts';
import { biasPerOutput, macs, perElement, perNormElement } from './rules.ts';

const once = perElement('activation functions', 1);
/** ptflops hooks the module, and patches the function that the module calls: both are added. */
const twice = perElement('activation functions', 2, ': module and function');

/**
 * ptflops' `pytorch` backend (ptflops/pytorch_ops.py and pytorch_engine.py): hooks on modules and patched functions.
 * Where a module calls a patched function (ReLU, GELU, pooling) both are added; SiLU has no hook and is counted once;
 * sigmoid has neither. Products and sums are counted as `torch.mul` and `torch.add`, but networks write `a * b` and
 * `a + b`, which are not patched. Group norm is nn.GroupNorm, with one group for layer norm.
 */
export const ptflops: Convention = {
  tool: 'ptflops @ d612c75, backend pytorch',
  network: 'torchvision',
  unit: 'MACs',
  operations: {
    convolution: macs,
    dense: macs,
    'matrix product': macs,
    bias: biasPerOutput,
    'batch norm': perNormElement('batch norm', 2, 1),
    'group norm': perNormElement('group norm', 2, 1),
    'instance norm': perNormElement('instance norm', 2, 1),
    swish: once,
    relu: twice,
    relu6: once,
    gelu: twice,
    squeeze: perElement('squeeze', 2, ': module and function'),
    'global pooling': perElement('global pooling', 2, ': module and function'),
    'max pooling': perElement('pooling', 2, ': module and function'),
    'average pooling': perElement('pooling', 2, ': module and function'),
    softmax: perElement('softmax', 1),
  },
  activations: null,
  parameters: { buffers: false },
};
