import type { Tensor } from '../../../graph/graph.ts';
import { rearrange, type Layout } from '../layout.ts';
import type { Abilities, Held, TensorFlow } from '../library.ts';

/** What the kernels of a graph work with during one step. */
export interface Context {
  readonly tf: TensorFlow;
  readonly abilities: Abilities;
  layoutOf(tensor: Tensor): Layout;
  /** The values of a tensor in a layout; without one, as they are held. */
  values(tensor: Tensor, layout?: Layout): Held;
  /** A number on the device, which is uploaded once. */
  readonly scalar: (value: number) => Held;
}

/** A result that was computed in one layout, as the graph's tensor is held. */
export function put(context: Context, output: Tensor, held: Held, layout: Layout): Held {
  return rearrange(context.tf, held, output.shape, layout, context.layoutOf(output));
}

/** An operand of an elementwise operation, so that it broadcasts to `output` as that is held. */
export function aligned(context: Context, operand: Tensor, output: Tensor): Held {
  const layout = context.layoutOf(output);
  const rank = output.shape.length;
  if (operand.shape.length === rank) return context.values(operand, layout);
  const held = context.values(operand, 'plain');
  if (layout === 'plain' || operand.shape.length === 0) return held;
  const shape = [...new Array<number>(rank - operand.shape.length).fill(1), ...operand.shape];
  return rearrange(context.tf, context.tf.reshape(held, shape), shape, 'plain', layout);
}

/** Arithmetic with numbers that are on the device already. */
export function arithmetic({ tf, scalar }: Context) {
  return {
    plus: (x: Held, value: number) => tf.add(x, scalar(value)),
    times: (x: Held, value: number) => (value === 1 ? x : tf.mul(x, scalar(value))),
    /** value − x */
    from: (value: number, x: Held) => tf.sub(scalar(value), x),
  };
}

/**
 * 1 where a ≥ b, else 0. Without a comparison: its result is a boolean, and on WebGPU the cast to a number leaves the
 * bits of an integer.
 */
export function isAtLeast(context: Context, a: Held, b: Held): Held {
  const { tf } = context;
  return arithmetic(context).from(1, tf.step(tf.sub(b, a)));
}
