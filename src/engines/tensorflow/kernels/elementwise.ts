import type { ActivationName } from '../../../operators/activation.ts';
import type { BinaryFunction, UnaryName } from '../../../operators/elementwise.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import type { Held } from '../library.ts';
import { aligned, arithmetic, isAtLeast, type Context } from './context.ts';

/** Operators that work element by element. */
export const elementwiseKernels: Pick<
  OperatorTable<Context, readonly Held[]>,
  'activation' | 'activationGradient' | 'binary' | 'unary'
> = {
  activation(node, context) {
    const layout = context.layoutOf(node.outputs[0]!);
    return [activate(context, node.attributes.function, context.values(node.operands.input, layout))];
  },

  activationGradient(node, context) {
    const layout = context.layoutOf(node.outputs[0]!);
    const { outputGradient, input } = node.operands;
    const derivative = derive(context, node.attributes.function, context.values(input, layout));
    return [context.tf.mul(context.values(outputGradient, layout), derivative)];
  },

  binary(node, context) {
    const { tf } = context;
    const functions: Record<BinaryFunction, (a: Held, b: Held) => Held> = {
      add: tf.add,
      subtract: tf.sub,
      multiply: tf.mul,
      divide: tf.div,
      maximum: tf.maximum,
      minimum: tf.minimum,
      greaterEqual: (a, b) => isAtLeast(context, a, b),
    };
    const operand = (side: 'left' | 'right') => aligned(context, node.operands[side], node.outputs[0]!);
    return [functions[node.attributes.function](operand('left'), operand('right'))];
  },

  unary(node, context) {
    const { tf } = context;
    const functions: Record<UnaryName, (x: Held) => Held> = {
      negate: tf.neg,
      square: tf.square,
      reciprocal: tf.reciprocal,
      sqrt: tf.sqrt,
      exp: tf.exp,
      log: tf.log,
    };
    const x = context.values(node.operands.input, context.layoutOf(node.outputs[0]!));
    return [functions[node.attributes.function](x)];
  },
};

function activate(context: Context, name: ActivationName, x: Held): Held {
  const { tf } = context;
  const { plus, times } = arithmetic(context);
  const functions: Record<ActivationName, () => Held> = {
    relu: () => tf.relu(x),
    relu6: () => tf.relu6(x),
    sigmoid: () => tf.sigmoid(x),
    swish: () => tf.mul(x, tf.sigmoid(x)),
    'hard-sigmoid': () => times(tf.relu6(plus(x, 3)), 1 / 6),
    'hard-swish': () => tf.mul(x, times(tf.relu6(plus(x, 3)), 1 / 6)),
    gelu: () => tf.mul(x, normalCdf(context, x)),
    tanh: () => tf.tanh(x),
  };
  return functions[name]();
}

function derive(context: Context, name: ActivationName, x: Held): Held {
  const { tf } = context;
  const { plus, times, from } = arithmetic(context);
  const within = (low: number, high: number) => tf.mul(tf.step(plus(x, -low)), tf.step(from(high, x)));
  const functions: Record<ActivationName, () => Held> = {
    relu: () => tf.step(x),
    relu6: () => within(0, 6),
    sigmoid: () => {
      const s = tf.sigmoid(x);
      return tf.mul(s, from(1, s));
    },
    /** σ + y · (1 − σ) with y = x · σ */
    swish: () => {
      const s = tf.sigmoid(x);
      return tf.add(s, tf.mul(tf.mul(x, s), from(1, s)));
    },
    'hard-sigmoid': () => times(within(-3, 3), 1 / 6),
    'hard-swish': () => times(tf.add(tf.relu6(plus(x, 3)), tf.mul(x, within(-3, 3))), 1 / 6),
    gelu: () => {
      const density = times(tf.exp(times(tf.square(x), -1 / 2)), 1 / Math.sqrt(2 * Math.PI));
      return tf.add(normalCdf(context, x), tf.mul(x, density));
    },
    tanh: () => from(1, tf.square(tf.tanh(x))),
  };
  return functions[name]();
}

/** Φ(x), by the backend's error function. */
function normalCdf(context: Context, x: Held): Held {
  const { plus, times } = arithmetic(context);
  return times(plus(context.tf.erf(times(x, Math.SQRT1_2)), 1), 1 / 2);
}
