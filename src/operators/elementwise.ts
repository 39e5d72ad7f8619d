import { require, type Operator } from '../graph/operator.ts';
import { broadcast, size } from '../graph/shape.ts';

/** Arithmetic on two tensors, in double precision. */
export const binaryFunctions = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
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
};

interface UnaryFunction {
  readonly arithmetic: number;
  readonly transcendental: number;
  readonly evaluate: (x: number) => number;
}

/** Functions of one tensor that are no activation, with what one element costs. */
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
    const { arithmetic, transcendental } = unaryFunctions[attributes.function];
    return { macs: 0, arithmetic: arithmetic * size(input), transcendental: transcendental * size(input) };
  },
};
