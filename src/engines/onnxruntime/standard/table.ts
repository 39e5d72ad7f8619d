import type { OperatorTable } from '../../../operators/registry.ts';
import type { Emitter } from '../emitter.ts';
import { activations } from './activation.ts';
import { convolutions } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { losses } from './loss.ts';
import { norms } from './norms.ts';
import { optimizers } from './optimizers.ts';
import { pooling } from './pooling.ts';
import { products } from './products.ts';
import { shapes } from './shapes.ts';

/**
 * Each operator as standard ONNX operators (opset 17): what every device runs, what `ecfx export` writes, and what faster
 * forms are held to.
 */
export const standardLowerings: OperatorTable<Emitter, void> = {
  ...convolutions,
  ...products,
  ...norms,
  ...activations,
  ...elementwise,
  ...pooling,
  ...shapes,
  ...losses,
  ...optimizers,
};
