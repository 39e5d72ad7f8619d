import type { OperatorTable } from '../../../operators/registry.ts';
import { int, outputOf, type Emitter } from '../emitter.ts';

/** The loss and what becomes of logits. */
export const losses = {
  softmax(node, emit) {
    emit.result(outputOf(node), 'Softmax', [node.operands.input.name], { axis: int(node.attributes.axis) });
  },

  softmaxCrossEntropy(node, emit) {
    const { logits, labels } = node.operands;
    const logs = emit.intermediate('logs', 'LogSoftmax', [logits.name], { axis: int(1) });
    const products = emit.intermediate('products', 'Mul', [logs, labels.name]);
    const sum = emit.intermediate('sum', 'ReduceSum', [products], { keepdims: int(0) });
    emit.result(outputOf(node), 'Mul', [sum, emit.floats('mean', [], -1 / logits.shape[0]!)]);
  },

  softmaxCrossEntropyGradient(node, emit) {
    const { logits, labels } = node.operands;
    const probabilities = emit.intermediate('probabilities', 'Softmax', [logits.name], { axis: int(1) });
    const difference = emit.intermediate('difference', 'Sub', [probabilities, labels.name]);
    emit.result(outputOf(node), 'Mul', [difference, emit.floats('mean', [], 1 / logits.shape[0]!)]);
  },
} satisfies Partial<OperatorTable<Emitter, void>>;
