import type { BinaryFunction, UnaryName } from '../../../operators/elementwise.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import { int, names, outputOf, type Emitter } from '../emitter.ts';
import { dataType } from '../onnx/model.ts';

/** Functions of one value, or of two. */
export const elementwise = {
  binary(node, emit) {
    const functions: Record<Exclude<BinaryFunction, 'greaterEqual'>, string> = {
      add: 'Add',
      subtract: 'Sub',
      multiply: 'Mul',
      divide: 'Div',
      maximum: 'Max',
      minimum: 'Min',
    };
    const { left, right } = node.operands;
    const { function: name } = node.attributes;
    if (name === 'greaterEqual') {
      const comparison = emit.intermediate('comparison', 'GreaterOrEqual', names(left, right));
      emit.result(outputOf(node), 'Cast', [comparison], { to: int(dataType.float) });
    } else emit.result(outputOf(node), functions[name], names(left, right));
  },

  unary(node, emit) {
    const x = node.operands.input.name;
    const output = outputOf(node);
    const functions: Record<UnaryName, () => void> = {
      negate: () => emit.result(output, 'Neg', [x]),
      square: () => emit.result(output, 'Mul', [x, x]),
      reciprocal: () => emit.result(output, 'Reciprocal', [x]),
      sqrt: () => emit.result(output, 'Sqrt', [x]),
      exp: () => emit.result(output, 'Exp', [x]),
      log: () => emit.result(output, 'Log', [x]),
    };
    functions[node.attributes.function]();
  },
} satisfies Partial<OperatorTable<Emitter, void>>;
