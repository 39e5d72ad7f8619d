import { require, type Operator } from '../graph/operator.ts';
import { sameShape, size } from '../graph/shape.ts';
import { arithmetic } from './elementwise.ts';

/**
 * Mean over the batch of −Σ labels · log softmax(logits): logits and labels `[N, K]` → a scalar. Labels are
 * probabilities that sum to 1 per image, so smoothed and mixed ones are served too.
 */
export const softmaxCrossEntropy: Operator<'softmaxCrossEntropy', 'logits' | 'labels', never, object> = {
  name: 'softmaxCrossEntropy',
  shapes({ logits, labels }) {
    require(logits.length === 2 && sameShape(logits, labels), 'logits and labels need the same two axes');
    return [[]];
  },
  work({ operands: { logits } }) {
    return { macs: 0, arithmetic: 5 * size(logits), transcendental: size(logits) + logits[0]! };
  },
  gradient: (graph, { operands: { logits, labels } }, outputGradient) => ({
    logits: () => {
      const { apply } = arithmetic(graph);
      return apply(
        'multiply',
        graph.apply(softmaxCrossEntropyGradient, { logits, labels }, {}),
        outputGradient,
      );
    },
  }),
};

/** (softmax(logits) − labels) / N, for labels that sum to 1 per image. */
export const softmaxCrossEntropyGradient: Operator<
  'softmaxCrossEntropyGradient',
  'logits' | 'labels',
  never,
  object
> = {
  name: 'softmaxCrossEntropyGradient',
  shapes({ logits, labels }) {
    require(logits.length === 2 && sameShape(logits, labels), 'logits and labels need the same two axes');
    return [logits];
  },
  work({ operands: { logits } }) {
    return { macs: 0, arithmetic: 6 * size(logits), transcendental: size(logits) };
  },
};
