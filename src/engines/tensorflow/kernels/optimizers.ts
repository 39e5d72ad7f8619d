import type { Tensor } from '../../../graph/graph.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import type { Held } from '../library.ts';
import { arithmetic, type Context } from './context.ts';

/** The update rules, each as its operator defines it. */
export const optimizerKernels: Pick<
  OperatorTable<Context, readonly Held[]>,
  'sgdUpdate' | 'rmspropUpdate' | 'adamUpdate'
> = {
  sgdUpdate({ operands, attributes }, context) {
    const { tf } = context;
    const { times } = arithmetic(context);
    const value = alike(context, operands.parameter);
    const w = value(operands.parameter);
    const gradient = withDecay(context, value(operands.gradient), w, attributes.weightDecay);
    const velocity = tf.add(times(value(operands.velocity), attributes.momentum), gradient);
    return [tf.sub(w, tf.mul(velocity, rate(context, operands.learningRate))), velocity];
  },

  rmspropUpdate({ operands, attributes }, context) {
    const { tf } = context;
    const { plus, times } = arithmetic(context);
    const { momentum, weightDecay, decay, epsilon } = attributes;
    const value = alike(context, operands.parameter);
    const w = value(operands.parameter);
    const gradient = withDecay(context, value(operands.gradient), w, weightDecay);
    const meanSquare = mix(context, value(operands.meanSquare), tf.square(gradient), decay);
    const step = tf.div(
      tf.mul(gradient, rate(context, operands.learningRate)),
      tf.sqrt(plus(meanSquare, epsilon)),
    );
    const velocity = tf.add(times(value(operands.velocity), momentum), step);
    return [tf.sub(w, velocity), meanSquare, velocity];
  },

  adamUpdate({ operands, attributes }, context) {
    const { tf } = context;
    const { plus, times } = arithmetic(context);
    const { beta1, beta2, epsilon, weightDecay } = attributes;
    const value = alike(context, operands.parameter);
    const w = value(operands.parameter);
    const gradient = value(operands.gradient);
    const mean = mix(context, value(operands.mean), gradient, beta1);
    const meanSquare = mix(context, value(operands.meanSquare), tf.square(gradient), beta2);
    const step = tf.div(tf.mul(mean, rate(context, operands.stepSize)), plus(tf.sqrt(meanSquare), epsilon));
    const moved = tf.sub(w, step);
    if (weightDecay === 0) return [moved, mean, meanSquare];
    const shrinkage = tf.mul(times(w, weightDecay), rate(context, operands.learningRate));
    return [tf.sub(moved, shrinkage), mean, meanSquare];
  },
};

/** Values as the parameter lies. */
function alike(context: Context, parameter: Tensor): (tensor: Tensor) => Held {
  const layout = context.layoutOf(parameter);
  return (tensor) => context.values(tensor, layout);
}

/** One number, whatever its shape. */
function rate(context: Context, tensor: Tensor): Held {
  return context.tf.reshape(context.values(tensor), []);
}

function withDecay(context: Context, gradient: Held, w: Held, weightDecay: number): Held {
  return weightDecay === 0 ? gradient : context.tf.add(gradient, arithmetic(context).times(w, weightDecay));
}

/** part · before + (1 − part) · now */
function mix(context: Context, before: Held, now: Held, part: number): Held {
  const { times } = arithmetic(context);
  return context.tf.add(times(before, part), times(now, 1 - part));
}
