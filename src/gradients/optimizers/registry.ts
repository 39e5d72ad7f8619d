import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop, studyRmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

export const optimizerNames = ['sgd', 'rmsprop', 'adam'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/** Each optimizer with the settings that its field takes for granted, for a batch of the given size. */
export const optimizers: Readonly<Record<OptimizerName, (batch: number) => Optimizer>> = {
  sgd: () => sgd({ learningRate: 0.01, momentum: 0.9, weightDecay: 1e-5 }),
  rmsprop: (batch) => rmsprop(studyRmsprop(batch)),
  adam: () => adam({ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5 }),
};
