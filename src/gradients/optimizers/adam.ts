import { adamUpdate, type AdamAttributes } from '../../operators/optimizers.ts';
import { decays, type Optimizer } from './optimizer.ts';

export interface AdamOptions extends AdamAttributes {
  readonly learningRate: number;
}

/** Adam with decoupled weight decay (AdamW); without decay it is Adam. */
export function adam({ learningRate, weightDecay, ...betas }: AdamOptions): Optimizer {
  return {
    learningRate,
    prepare(graph, rate) {
      // α of the first step; later ones are fed in by whoever knows their number.
      const first = (learningRate * Math.sqrt(1 - betas.beta2)) / (1 - betas.beta1);
      const stepSize = graph.input('stepSize', [], { kind: 'number', value: first });
      return (parameter, gradient) => {
        const { name, shape } = parameter;
        const mean = graph.slot(`${name}.mean`, shape, { kind: 'constant', value: 0 });
        const meanSquare = graph.slot(`${name}.meanSquare`, shape, { kind: 'constant', value: 0 });
        const operands = { parameter, gradient, mean, meanSquare, stepSize, learningRate: rate };
        const attributes = { ...betas, weightDecay: decays(parameter) ? weightDecay : 0 };
        const [next, nextMean, nextSquare] = graph.applyAll(adamUpdate, `${name}.adam`, operands, attributes);
        graph.update(parameter, next!);
        graph.update(mean, nextMean!);
        graph.update(meanSquare, nextSquare!);
      };
    },
  };
}
