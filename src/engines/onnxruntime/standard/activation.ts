import type { ActivationName } from '../../../operators/activation.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import { float, int, outputOf, type Emitter } from '../emitter.ts';

/** Activations and their slopes. */
export const activations = {
  activation(node, emit) {
    const x = node.operands.input.name;
    const output = outputOf(node);
    const functions: Record<ActivationName, () => void> = {
      relu: () => emit.result(output, 'Relu', [x]),
      relu6: () => emit.result(output, 'Clip', [x, emit.floats('zero', [], 0), emit.floats('six', [], 6)]),
      sigmoid: () => emit.result(output, 'Sigmoid', [x]),
      swish: () => emit.result(output, 'Mul', [x, emit.intermediate('sigmoid', 'Sigmoid', [x])]),
      'hard-sigmoid': () =>
        emit.result(output, 'HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) }),
      'hard-swish': () => emit.result(output, 'HardSwish', [x]),
      gelu: () => {
        const scaled = emit.intermediate('scaled', 'Div', [x, emit.floats('root2', [], Math.SQRT2)]);
        const erf = emit.intermediate('erf', 'Erf', [scaled]);
        const cdf = emit.intermediate('cdf', 'Add', [erf, emit.floats('one', [], 1)]);
        const product = emit.intermediate('product', 'Mul', [x, cdf]);
        emit.result(output, 'Mul', [product, emit.floats('half', [], 0.5)]);
      },
      tanh: () => emit.result(output, 'Tanh', [x]),
    };
    functions[node.attributes.function]();
  },

  activationGradient(node, emit) {
    const output = outputOf(node);
    const [dy, x] = [node.operands.outputGradient.name, node.operands.input.name];
    const constant = (value: number) => emit.floats(`c${value}`, [], value);
    const step = (suffix: string, operator: string, ...inputs: string[]) =>
      emit.intermediate(suffix, operator, inputs);
    const product = (derivative: string) => emit.result(output, 'Mul', [dy, derivative]);
    const indicator = (condition: string) =>
      emit.intermediate('indicator', 'Cast', [condition], { to: int(1) });
    const between = (low: number, high: number) =>
      indicator(
        step(
          'inside',
          'And',
          step('above', 'Greater', x, constant(low)),
          step('below', 'Less', x, constant(high)),
        ),
      );
    const rules: Record<ActivationName, () => void> = {
      relu: () => product(indicator(step('positive', 'Greater', x, constant(0)))),
      relu6: () => product(between(0, 6)),
      sigmoid: () => {
        const s = step('sigmoid', 'Sigmoid', x);
        product(step('derivative', 'Mul', s, step('rest', 'Sub', constant(1), s)));
      },
      swish: () => {
        const s = step('sigmoid', 'Sigmoid', x);
        const rest = step('rest', 'Sub', constant(1), s);
        const slope = step('slope', 'Add', step('weighted', 'Mul', x, rest), constant(1));
        product(step('derivative', 'Mul', s, slope));
      },
      'hard-sigmoid': () => product(step('derivative', 'Mul', between(-3, 3), constant(1 / 6))),
      'hard-swish': () => {
        const gate = emit.intermediate('gate', 'HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) });
        const slope = step('slope', 'Mul', between(-3, 3), constant(1 / 6));
        product(step('derivative', 'Add', gate, step('weighted', 'Mul', x, slope)));
      },
      gelu: () => {
        const error = step('erf', 'Erf', step('scaled', 'Mul', x, constant(Math.SQRT1_2)));
        const cdf = step('cdf', 'Mul', step('shifted', 'Add', error, constant(1)), constant(0.5));
        const exponent = step('exponent', 'Mul', step('square', 'Mul', x, x), constant(-0.5));
        const bell = step('bell', 'Exp', exponent);
        const density = step('density', 'Mul', bell, constant(1 / Math.sqrt(2 * Math.PI)));
        product(step('derivative', 'Add', cdf, step('weighted', 'Mul', x, density)));
      },
      tanh: () => {
        const t = step('tanh', 'Tanh', x);
        product(step('derivative', 'Sub', constant(1), step('square', 'Mul', t, t)));
      },
    };
    rules[node.attributes.function]();
  },
} satisfies Partial<OperatorTable<Emitter, void>>;
