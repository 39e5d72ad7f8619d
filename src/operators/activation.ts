import type { Operator } from '../graph/operator.ts';
import { size } from '../graph/shape.ts';
import { erf } from '../mathematics/normal-distribution.ts';

interface ActivationFunction {
  /** Per element; division and comparison count as arithmetic. */
  readonly arithmetic: number;
  readonly transcendental: number;
  /** The function itself, in double precision. */
  readonly evaluate: (x: number) => number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const clamp6 = (x: number) => Math.min(Math.max(x, 0), 6);

/** The activation functions of the families that ecfx builds, with what one element costs. */
export const activationFunctions = {
  relu: { arithmetic: 1, transcendental: 0, evaluate: (x) => Math.max(x, 0) },
  relu6: { arithmetic: 2, transcendental: 0, evaluate: clamp6 },
  sigmoid: { arithmetic: 3, transcendental: 1, evaluate: sigmoid },
  /** x · sigmoid(x), also called SiLU. */
  swish: { arithmetic: 4, transcendental: 1, evaluate: (x) => x * sigmoid(x) },
  /** relu6(x + 3) / 6 (Howard et al. 2019). */
  'hard-sigmoid': { arithmetic: 4, transcendental: 0, evaluate: (x) => clamp6(x + 3) / 6 },
  /** x · relu6(x + 3) / 6 (Howard et al. 2019). */
  'hard-swish': { arithmetic: 5, transcendental: 0, evaluate: (x) => (x * clamp6(x + 3)) / 6 },
  /** x · Φ(x), with the error function, not its tanh approximation. */
  gelu: { arithmetic: 4, transcendental: 1, evaluate: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)) },
  tanh: { arithmetic: 0, transcendental: 1, evaluate: Math.tanh },
} as const satisfies Record<string, ActivationFunction>;

export type ActivationName = keyof typeof activationFunctions;

export const activationNames = Object.keys(activationFunctions) as ActivationName[];

export interface ActivationAttributes {
  readonly function: ActivationName;
}

/** An activation function, element by element; any shape. */
export const activation: Operator<'activation', 'input', never, ActivationAttributes> = {
  name: 'activation',
  shapes({ input }) {
    return [input];
  },
  work({ operands: { input }, attributes }) {
    const { arithmetic, transcendental } = activationFunctions[attributes.function];
    const elements = size(input);
    return { macs: 0, arithmetic: arithmetic * elements, transcendental: transcendental * elements };
  },
};
