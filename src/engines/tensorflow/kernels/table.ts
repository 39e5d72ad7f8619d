import type { OperatorTable } from '../../../operators/registry.ts';
import { convolutionKernels } from '../convolution/kernels.ts';
import type { Held } from '../library.ts';
import type { Context } from './context.ts';
import { elementwiseKernels } from './elementwise.ts';
import { layoutKernels } from './layout.ts';
import { normKernels } from './norms.ts';
import { optimizerKernels } from './optimizers.ts';
import { poolingKernels } from './pooling.ts';
import { productKernels } from './products.ts';
import { reductionKernels } from './reductions.ts';

/**
 * Every operator as kernels of TensorFlow.js. Gradients are operators of the graph, so the library's own
 * differentiation is not used. Results lie as the context says of the node's outputs.
 */
export const kernels: OperatorTable<Context, readonly Held[]> = {
  ...convolutionKernels,
  ...productKernels,
  ...normKernels,
  ...elementwiseKernels,
  ...poolingKernels,
  ...reductionKernels,
  ...layoutKernels,
  ...optimizerKernels,
};
