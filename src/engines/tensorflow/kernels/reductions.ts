import type { OperatorTable } from '../../../operators/registry.ts';
import { axesOf } from '../layout.ts';
import type { Held } from '../library.ts';
import { arithmetic, put, type Context } from './context.ts';
import { sumAlong } from './sums.ts';

/** Reductions, softmax and the loss. */
export const reductionKernels: Pick<
  OperatorTable<Context, readonly Held[]>,
  'reduce' | 'softmax' | 'softmaxCrossEntropy' | 'softmaxCrossEntropyGradient'
> = {
  reduce(node, context) {
    const { input } = node.operands;
    const { function: kind } = node.attributes;
    const layout = context.layoutOf(input);
    const stored = axesOf(layout, input.shape.length);
    const axes = node.attributes.axes.map((axis) => stored.indexOf(axis)).sort((a, b) => a - b);
    const x = context.values(input);
    const reduced = () => {
      if (axes.length === 0) return x;
      if (kind === 'max') return context.tf.max(x, axes, true);
      const sums = sumAlong(context, x, axes);
      return kind === 'sum' ? sums : arithmetic(context).times(sums, sums.size / x.size);
    };
    return [put(context, node.outputs[0]!, reduced(), layout)];
  },

  softmax(node, context) {
    const { tf } = context;
    const layout = context.layoutOf(node.outputs[0]!);
    const x = context.values(node.operands.input, layout);
    const axis = axesOf(layout, x.rank).indexOf(node.attributes.axis);
    const powers = tf.exp(tf.sub(x, tf.max(x, axis, true)));
    return [tf.div(powers, tf.sum(powers, axis, true))];
  },

  softmaxCrossEntropy(node, context) {
    const { tf } = context;
    const logits = context.values(node.operands.logits);
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const logarithms = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
    const sum = tf.sum(tf.mul(context.values(node.operands.labels), logarithms));
    return [arithmetic(context).times(sum, -1 / logits.shape[0])];
  },

  softmaxCrossEntropyGradient(node, context) {
    const { tf } = context;
    const logits = context.values(node.operands.logits);
    const difference = tf.sub(tf.softmax(logits), context.values(node.operands.labels));
    return [arithmetic(context).times(difference, 1 / logits.shape[0])];
  },
};
