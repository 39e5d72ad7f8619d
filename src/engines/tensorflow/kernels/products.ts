import type { OperatorTable } from '../../../operators/registry.ts';
import { broadcast, size } from '../../../graph/shape.ts';
import type { Held } from '../library.ts';
import { blockOf } from './block.ts';
import { put, type Context } from './context.ts';

export interface Transposed {
  readonly left?: boolean;
  readonly right?: boolean;
}

/** Products of stacks of matrices: `[B, n, k]` · `[B, k, m]` → `[B, n, m]`, each operand transposed first if so said. */
export function products(
  context: Context,
  left: Held,
  right: Held,
  { left: turnsLeft = false, right: turnsRight = false }: Transposed = {},
): Held {
  const { tf, abilities } = context;
  if (abilities.batchedProducts) return tf.matMul(left, right, turnsLeft, turnsRight);
  // Only the product of two single matrices, neither transposed, is fast.
  const a = turnsLeft ? tf.transpose(left, [0, 2, 1]) : left;
  const b = turnsRight ? tf.transpose(right, [0, 2, 1]) : right;
  const count = a.shape[0];
  if (count === 1) return tf.matMul(a, b);
  const matrix = (stack: Held, index: number) =>
    blockOf(context, stack, { begin: [index, 0, 0], size: [1, stack.shape[1]!, stack.shape[2]!] });
  const parts = Array.from({ length: count }, (_, index) => tf.matMul(matrix(a, index), matrix(b, index)));
  return tf.concat(parts, 0);
}

export const productKernels: Pick<OperatorTable<Context, readonly Held[]>, 'dense' | 'matmul'> = {
  dense(node, context) {
    const { tf } = context;
    const { input, weight, bias } = node.operands;
    const stack = (held: Held) => tf.expandDims(held, 0);
    const result = products(context, stack(context.values(input)), stack(context.values(weight)), {
      right: true,
    });
    const flat = tf.reshape(result, [input.shape[0]!, weight.shape[0]!]);
    return [bias ? tf.add(flat, context.values(bias)) : flat];
  },

  matmul(node, context) {
    const { tf } = context;
    const { left, right } = node.operands;
    const [output] = node.outputs;
    const outer = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2))!;
    const stack = (operand: typeof left) => {
      const matrix = operand.shape.slice(-2) as [number, number];
      const held = context.values(operand, 'plain');
      const full = [...outer, ...matrix];
      const filled = size(operand.shape) === size(full) ? held : tf.broadcastTo(held, full);
      return tf.reshape(filled, [size(outer), ...matrix]);
    };
    const result = tf.reshape(products(context, stack(left), stack(right)), [...output!.shape]);
    return [put(context, output!, result, 'plain')];
  },
};
