import { require, type Applier, type Operator, type Shaped } from '../graph/operator.ts';
import { broadcast, size } from '../graph/shape.ts';
import { reducedTo } from './broadcasting.ts';

/** Arithmetic on two numbers, in double precision. */
export const binaryFunctions = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  /** 1 where a ≥ b, else 0; its gradient is zero everywhere. */
  greaterEqual: (a, b) => (a >= b ? 1 : 0),
} as const satisfies Record<string, (a: number, b: number) => number>;

export type BinaryFunction = keyof typeof binaryFunctions;

/** Elementwise arithmetic with broadcasting. Arithmetic: 1 per element of the result. */
export const binary: Operator<'binary', 'left' | 'right', never, { readonly function: BinaryFunction }> = {
  name: 'binary',
  shapes({ left, right }) {
    const result = broadcast(left, right);
    require(result !== undefined, 'the operands do not broadcast');
    return [result];
  },
  work({ outputs }) {
    return { macs: 0, arithmetic: size(outputs[0] ?? []), transcendental: 0 };
  },
  gradient(graph, { operands: { left, right }, outputs, attributes }, outputGradient) {
    const rules = binaryGradients(graph, left, right, outputs[0]!, outputGradient)[attributes.function];
    if (!rules) return {};
    return {
      left: () => reducedTo(graph, rules.left(), left.shape),
      right: () => reducedTo(graph, rules.right(), right.shape),
    };
  },
};

/** Gradients in the shape of the result, before what was broadcast is summed. At a tie, `left` is the larger one. */
function binaryGradients<Value extends Shaped>(
  graph: Applier<Value>,
  left: Value,
  right: Value,
  output: Value,
  outputGradient: Value,
): Partial<Record<BinaryFunction, { left: () => Value; right: () => Value }>> {
  const { apply, negative } = arithmetic(graph);
  const whereLeftLeads = () => apply('multiply', outputGradient, apply('greaterEqual', left, right));
  const whereRightLeads = () => apply('subtract', outputGradient, whereLeftLeads());
  const same = () => outputGradient;
  return {
    add: { left: same, right: same },
    subtract: { left: same, right: () => negative(outputGradient) },
    multiply: {
      left: () => apply('multiply', outputGradient, right),
      right: () => apply('multiply', outputGradient, left),
    },
    divide: {
      left: () => apply('divide', outputGradient, right),
      right: () => negative(apply('divide', apply('multiply', outputGradient, output), right)),
    },
    maximum: { left: whereLeftLeads, right: whereRightLeads },
    minimum: { left: whereRightLeads, right: whereLeftLeads },
  };
}

interface UnaryFunction {
  readonly arithmetic: number;
  readonly transcendental: number;
  readonly evaluate: (x: number) => number;
}

/** Functions of one number that are no activation, with what one element costs. */
export const unaryFunctions = {
  negate: { arithmetic: 1, transcendental: 0, evaluate: (x) => -x },
  square: { arithmetic: 1, transcendental: 0, evaluate: (x) => x * x },
  reciprocal: { arithmetic: 1, transcendental: 0, evaluate: (x) => 1 / x },
  sqrt: { arithmetic: 0, transcendental: 1, evaluate: Math.sqrt },
  exp: { arithmetic: 0, transcendental: 1, evaluate: Math.exp },
  log: { arithmetic: 0, transcendental: 1, evaluate: Math.log },
} as const satisfies Record<string, UnaryFunction>;

export type UnaryName = keyof typeof unaryFunctions;

/** A function of each element; any shape. */
export const unary: Operator<'unary', 'input', never, { readonly function: UnaryName }> = {
  name: 'unary',
  shapes({ input }) {
    return [input];
  },
  work({ operands: { input }, attributes }) {
    const { arithmetic: operations, transcendental } = unaryFunctions[attributes.function];
    return { macs: 0, arithmetic: operations * size(input), transcendental: transcendental * size(input) };
  },
  gradient(graph, { operands: { input }, outputs, attributes }, outputGradient) {
    const { apply, negative } = arithmetic(graph);
    const output = outputs[0]!;
    const rules: Record<UnaryName, () => Value> = {
      negate: () => negative(outputGradient),
      square: () => apply('multiply', apply('multiply', outputGradient, input), graph.scalar(2)),
      reciprocal: () => negative(apply('multiply', outputGradient, apply('multiply', output, output))),
      sqrt: () => apply('divide', apply('multiply', outputGradient, graph.scalar(0.5)), output),
      exp: () => apply('multiply', outputGradient, output),
      log: () => apply('divide', outputGradient, input),
    };
    type Value = typeof outputGradient;
    return { input: rules[attributes.function] };
  },
};

/** Shorthands for rules that are made of elementwise arithmetic. */
export function arithmetic<Value extends Shaped>(graph: Applier<Value>) {
  const apply = (name: BinaryFunction, left: Value, right: Value) =>
    graph.apply(binary, { left, right }, { function: name });
  const negative = (input: Value) => graph.apply(unary, { input }, { function: 'negate' });
  return { apply, negative };
}
