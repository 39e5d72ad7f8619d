import { sgdUpdate } from '../../operators/optimizers.ts';
import { decays, type Optimizer } from './optimizer.ts';

export interface SgdOptions {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** Stochastic gradient descent with momentum and coupled weight decay. */
export function sgd({ learningRate, momentum, weightDecay }: SgdOptions): Optimizer {
  return {
    learningRate,
    prepare: (graph, rate) => (parameter, gradient) => {
      const { name, shape } = parameter;
      const velocity = graph.slot(`${name}.velocity`, shape, { kind: 'constant', value: 0 });
      const attributes = { momentum, weightDecay: decays(parameter) ? weightDecay : 0 };
      const operands = { parameter, gradient, velocity, learningRate: rate };
      const [next, nextVelocity] = graph.applyAll(sgdUpdate, `${name}.sgd`, operands, attributes);
      graph.update(parameter, next!);
      graph.update(velocity, nextVelocity!);
    },
  };
}
