import type { Convention } from './convention.ts';
import { macs, perElement, perNormElement, weightedParts } from './rules.ts';

/**
 * fvcore's FlopCountAnalysis and ActivationCountAnalysis in eval mode, which fill the columns `infer_gmacs` and
 * `infer_macts` of timm's results (fvcore/nn/flop_count.py and jit_handles.py). A MAC is a "flop", and norms are
 * added to it. timm's squeeze is `x.mean((2, 3))`, which has no rule; its last pooling is an AdaptiveAvgPool2d,
 * which has one.
 */
export const fvcore: Convention = {
  tool: 'fvcore @ 3378afe, FlopCountAnalysis, eval mode',
  network: 'timm @ aa4b5850',
  unit: 'flops (timm prints GMACs)',
  operations: {
    convolution: macs,
    dense: macs,
    'matrix product': macs,
    'batch norm': perNormElement('batch norm', 2, 1),
    'group norm': perNormElement('group norm', 5, 4),
    'instance norm': perNormElement('instance norm', 5, 4),
    'global pooling': perElement('global pooling', 1),
    // timm standardizes by a batch norm of the weights, in training mode, in every pass.
    'weight standardization': { ...perElement('weight standardization', 5), everyPass: true },
  },
  activations: weightedParts,
  parameters: { buffers: false },
};
