import type { OperatorTable } from '../../../operators/registry.ts';
import { axesOf, permute, shapeIn } from '../layout.ts';
import type { Held } from '../library.ts';
import { blockOf } from './block.ts';
import { aligned, put, type Context } from './context.ts';
import { sumAlong } from './sums.ts';

/** Operators that move elements, and the sum that undoes broadcasting. */
export const layoutKernels: Pick<
  OperatorTable<Context, readonly Held[]>,
  'reshape' | 'transpose' | 'concat' | 'slice' | 'broadcast' | 'sumTo'
> = {
  reshape(node, context) {
    const [output] = node.outputs;
    const plain = context.values(node.operands.input, 'plain');
    return [put(context, output!, context.tf.reshape(plain, [...output!.shape]), 'plain')];
  },

  transpose(node, context) {
    const { input } = node.operands;
    const { permutation } = node.attributes;
    const source = axesOf(context.layoutOf(input), input.shape.length);
    const target = axesOf(context.layoutOf(node.outputs[0]!), input.shape.length);
    const stored = target.map((axis) => source.indexOf(permutation[axis]!));
    return [permute(context.tf, context.values(input), stored)];
  },

  concat(node, context) {
    const [output] = node.outputs;
    const layout = context.layoutOf(output!);
    const parts = Object.values(node.operands).map((operand) => context.values(operand, layout));
    return [context.tf.concat(parts, axesOf(layout, output!.shape.length).indexOf(node.attributes.axis))];
  },

  slice(node, context) {
    const [output] = node.outputs;
    const layout = context.layoutOf(output!);
    const { axis, start } = node.attributes;
    const begin = axesOf(layout, output!.shape.length).map((stored) => (stored === axis ? start : 0));
    const x = context.values(node.operands.input, layout);
    return [blockOf(context, x, { begin, size: shapeIn(layout, output!.shape) })];
  },

  broadcast(node, context) {
    const [output] = node.outputs;
    const shape = shapeIn(context.layoutOf(output!), output!.shape);
    return [context.tf.broadcastTo(aligned(context, node.operands.input, output!), shape)];
  },

  sumTo(node, context) {
    const { input } = node.operands;
    const [output] = node.outputs;
    const layout = context.layoutOf(input);
    const rank = input.shape.length;
    const added = rank - output!.shape.length;
    const axes = axesOf(layout, rank).flatMap((axis, stored) =>
      axis < added || output!.shape[axis - added] !== input.shape[axis] ? [stored] : [],
    );
    const sums = sumAlong(context, context.values(input), axes);
    if (added === 0) return [put(context, output!, sums, layout)];
    const natural = axesOf(layout, rank);
    const plain = permute(
      context.tf,
      sums,
      natural.map((_, axis) => natural.indexOf(axis)),
    );
    return [put(context, output!, context.tf.reshape(plain, [...output!.shape]), 'plain')];
  },
};
