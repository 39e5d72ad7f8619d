import { rmspropUpdate } from '../../operators/optimizers.ts';
import { decays, type Optimizer } from './optimizer.ts';

export interface RmspropOptions {
  readonly learningRate: number;
  readonly decay: number;
  readonly momentum: number;
  /** Inside the root. */
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * The study's recipe for a global batch (its configs.yml and TensorFlow code): learning rate 2⁻¹⁴ and RMSProp decay
 * 1 − 2⁻¹⁴ per image of the batch (0 from 16,384 images on), momentum 0.9, ε 10⁻³, weight decay 10⁻⁵.
 */
export function studyRmsprop(batch: number): RmspropOptions {
  const perImage = 2 ** -14;
  return {
    learningRate: perImage * batch,
    decay: Math.max(0, 1 - perImage * batch),
    momentum: 0.9,
    epsilon: 1e-3,
    weightDecay: 1e-5,
  };
}

/** RMSProp with momentum, not centred; its mean square starts at 1, as TensorFlow's does. */
export function rmsprop({ learningRate, decay, momentum, epsilon, weightDecay }: RmspropOptions): Optimizer {
  return {
    learningRate,
    prepare: (graph, rate) => (parameter, gradient) => {
      const { name, shape } = parameter;
      const meanSquare = graph.slot(`${name}.meanSquare`, shape, { kind: 'constant', value: 1 });
      const velocity = graph.slot(`${name}.velocity`, shape, { kind: 'constant', value: 0 });
      const attributes = { decay, momentum, epsilon, weightDecay: decays(parameter) ? weightDecay : 0 };
      const operands = { parameter, gradient, meanSquare, velocity, learningRate: rate };
      const [next, nextSquare, nextVelocity] = graph.applyAll(
        rmspropUpdate,
        `${name}.rmsprop`,
        operands,
        attributes,
      );
      graph.update(parameter, next!);
      graph.update(meanSquare, nextSquare!);
      graph.update(velocity, nextVelocity!);
    },
  };
}
