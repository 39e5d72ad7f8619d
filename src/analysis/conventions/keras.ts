import type { Convention } from './convention.ts';

/**
 * `count_params()` of keras.applications (keras_applications/efficientnet.py): running statistics are parameters, and
 * so are mean, variance and count of the Normalization layer that the network starts with.
 */
export const keras: Convention = {
  tool: 'Keras @ 3422977a, Model.count_params()',
  network: 'keras.applications',
  unit: '',
  operations: 'Keras counts parameters only.',
  activations: null,
  parameters: {
    buffers: true,
    extra: { line: 'input normalization layer', rule: 'mean 3, variance 3, count 1', amount: 7 },
  },
};
