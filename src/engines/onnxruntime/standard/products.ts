import type { OperatorTable } from '../../../operators/registry.ts';
import { int, names, outputOf, type Emitter } from '../emitter.ts';

/** Matrix products. */
export const products = {
  dense(node, emit) {
    const { input, weight, bias } = node.operands;
    emit.result(outputOf(node), 'Gemm', names(input, weight, bias), { transB: int(1) });
  },

  matmul(node, emit) {
    emit.result(outputOf(node), 'MatMul', names(node.operands.left, node.operands.right));
  },
} satisfies Partial<OperatorTable<Emitter, void>>;
