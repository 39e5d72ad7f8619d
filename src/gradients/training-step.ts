import { tensorsOfKind, type Graph, type Tensor } from '../graph/graph.ts';
import { NetworkBuilder } from '../models/layers/network-builder.ts';
import { buildForward, formatVariant, type Variant } from '../models/variants/variant.ts';
import { softmaxCrossEntropy } from '../operators/loss.ts';
import { backpropagate } from './backpropagate.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { averageWeights } from './weight-average.ts';

export interface TrainingOptions {
  readonly optimizer: Optimizer;
  /** Part of 1 that labels give to the other classes; 0.1 in the study. */
  readonly labelSmoothing: number;
  /** The parameters that learn; the others get no gradient nodes at all. By default all. */
  readonly isTrainable?: (parameter: Tensor) => boolean;
  /** Decay of an exponential average of the weights; without it there is none. */
  readonly averageDecay?: number;
}

/**
 * One training step as a graph: forward with batch statistics, softmax cross-entropy, backward, update.
 *
 * Inputs: `images` `[N, 3, R, R]`, `labels` `[N, 1000]` (probabilities), `learningRate`, and the masks of dropout and
 * stochastic depth. Output: the loss. `updates` says what replaces parameters, running statistics and optimizer state.
 */
export function buildTrainingStep(variant: Variant, batch: number, options: TrainingOptions): Graph {
  const { optimizer, labelSmoothing, isTrainable = () => true, averageDecay } = options;
  const net = new NetworkBuilder(formatVariant(variant), variant.knobs, 'training');
  const { graph } = net;
  const logits = buildForward(net, variant, batch);
  const labels = graph.input('labels', logits.shape, { kind: 'labels', smoothing: labelSmoothing });
  const loss = graph.stage('loss', () =>
    graph.apply(softmaxCrossEntropy, 'crossEntropy', { logits, labels }, {}),
  );

  const trainable = tensorsOfKind(graph, 'parameter').filter(isTrainable);
  const gradients = backpropagate(graph, loss, trainable);

  const learningRate = graph.input('learningRate', [], { kind: 'number', value: optimizer.learningRate });
  graph.within({ stage: 'optimizer', block: 'optimizer', layer: 'optimizer' }, 'optimizer', () => {
    const update = optimizer.prepare(graph, learningRate);
    for (const [parameter, gradient] of gradients) update(parameter, gradient);
    if (averageDecay === undefined) return;
    for (const parameter of trainable)
      averageWeights(graph, parameter, graph.nextOf(parameter), averageDecay);
  });
  return graph.build([loss]);
}
