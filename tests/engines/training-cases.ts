import { adam } from '../../src/gradients/optimizers/adam.ts';
import type { Optimizer } from '../../src/gradients/optimizers/optimizer.ts';
import { rmsprop, studyRmsprop } from '../../src/gradients/optimizers/rmsprop.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import type { TrainingOptions } from '../../src/gradients/training-step.ts';

const descent = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-4 };
const size = 'w0.1,d0.1';

/** Small networks of every kind of norm and optimizer: variant, name of the optimizer, the optimizer, what else. */
export const trainingCases: readonly [string, string, Optimizer, Partial<TrainingOptions>?][] = [
  [`b0@32:${size}`, 'sgd', descent],
  [`b0@33:symmetric,${size}`, 'sgd', descent],
  [`b0@33:g16,e4,gn4,${size}`, 'sgd', descent],
  [`b0@32:g8,in,hard-swish,${size}`, 'sgd', descent],
  [`b0@32:ln+pn,${size}`, 'sgd', descent],
  [`b0@32:g16,e4,ln+pn,${size}`, 'sgd', descent],
  [`b0@32:none,relu,${size}`, 'sgd', descent],
  [`b0@64:evonorm-b0,${size}`, 'sgd', descent],
  [`b0@32:evonorm-s0,${size}`, 'sgd', descent],
  [`b0@32:g16,e4,${size}`, 'rmsprop, weights averaged', rmsprop(studyRmsprop(768)), { averageDecay: 0.97 }],
  [`b0@32:gn4,${size}`, 'adam', adam({ learningRate: 0.001, weightDecay: 0.01, ...betas })],
];
