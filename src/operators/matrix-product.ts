import { require, type Applier, type Operator, type Shaped } from '../graph/operator.ts';
import { broadcast, size } from '../graph/shape.ts';
import { reducedTo, sumTo } from './broadcasting.ts';
import { transpose } from './layout.ts';

/**
 * Fully connected layer: input `[N, K]`, weight `[M, K]`, bias `[M]` → `[N, M]`. MACs: N·M·K.
 */
export const dense: Operator<'dense', 'input' | 'weight', 'bias', object> = {
  name: 'dense',
  shapes({ input, weight, bias }) {
    require(input.length === 2 && weight.length === 2, 'input and weight need 2 axes each');
    const [batch = 0, features] = input;
    const [outputs = 0, weightFeatures] = weight;
    require(features ===
      weightFeatures, `the input has ${features} features, the weight wants ${weightFeatures}`);
    if (bias) require(bias.length === 1 && bias[0] === outputs, `the bias needs ${outputs} elements`);
    return [[batch, outputs]];
  },
  work({ operands: { input, bias }, outputs }) {
    const elements = size(outputs[0] ?? []);
    return { macs: elements * (input[1] ?? 0), arithmetic: bias ? elements : 0, transcendental: 0 };
  },
  gradient: (graph, { operands: { input, weight, bias } }, outputGradient) => ({
    input: () => graph.apply(matmul, { left: outputGradient, right: weight }, {}),
    weight: () => graph.apply(matmul, { left: transposed(graph, outputGradient), right: input }, {}),
    ...(bias && { bias: () => graph.apply(sumTo, { input: outputGradient }, { shape: bias.shape }) }),
  }),
};

/**
 * Matrix product over the last two axes, broadcast over the others:
 * `[…, N, K]` · `[…, K, M]` → `[…, N, M]`. MACs: elements of the result × K.
 */
export const matmul: Operator<'matmul', 'left' | 'right', never, object> = {
  name: 'matmul',
  shapes({ left, right }) {
    require(left.length >= 2 && right.length >= 2, 'both operands need at least 2 axes');
    const inner = left[left.length - 1];
    const rightInner = right[right.length - 2];
    require(inner === rightInner, `inner extents differ: ${inner} and ${rightInner}`);
    const outer = broadcast(left.slice(0, -2), right.slice(0, -2));
    require(outer !== undefined, 'the leading axes do not broadcast');
    return [[...outer, left[left.length - 2] ?? 0, right[right.length - 1] ?? 0]];
  },
  work({ operands: { left }, outputs }) {
    return {
      macs: size(outputs[0] ?? []) * (left[left.length - 1] ?? 0),
      arithmetic: 0,
      transcendental: 0,
    };
  },
  gradient: (graph, { operands: { left, right } }, outputGradient) => ({
    left: () => {
      const full = graph.apply(matmul, { left: outputGradient, right: transposed(graph, right) }, {});
      return reducedTo(graph, full, left.shape);
    },
    right: () => {
      const full = graph.apply(matmul, { left: transposed(graph, left), right: outputGradient }, {});
      return reducedTo(graph, full, right.shape);
    },
  }),
};

/** The last two axes exchanged. */
function transposed<Value extends Shaped>(graph: Applier<Value>, input: Value): Value {
  const axes = input.shape.map((_, axis) => axis);
  const [last, beforeLast] = [axes.pop()!, axes.pop()!];
  return graph.apply(transpose, { input }, { permutation: [...axes, last, beforeLast] });
}
