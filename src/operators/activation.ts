import { require, type Operator } from '../graph/operator.ts';
import { sameShape, size } from '../graph/shape.ts';
import { normalCdf } from '../mathematics/normal-distribution.ts';

interface ElementCost {
  /** Division and comparison count as arithmetic. */
  readonly arithmetic: number;
  readonly transcendental: number;
  /** In double precision. */
  readonly evaluate: (x: number) => number;
}

interface ActivationFunction extends ElementCost {
  /** φ′ as a function of the input, recomputing what forward computed; its arithmetic does not include the chain rule's product. */
  readonly derivative: ElementCost;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const clamp6 = (x: number) => Math.min(Math.max(x, 0), 6);
const within = (x: number, low: number, high: number) => (x > low && x < high ? 1 : 0);
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The activation functions of the families that ecfx builds, with what one element costs. */
export const activationFunctions = {
  relu: {
    arithmetic: 1,
    transcendental: 0,
    evaluate: (x) => Math.max(x, 0),
    derivative: { arithmetic: 1, transcendental: 0, evaluate: (x) => (x > 0 ? 1 : 0) },
  },
  relu6: {
    arithmetic: 2,
    transcendental: 0,
    evaluate: clamp6,
    derivative: { arithmetic: 2, transcendental: 0, evaluate: (x) => within(x, 0, 6) },
  },
  sigmoid: {
    arithmetic: 3,
    transcendental: 1,
    evaluate: sigmoid,
    derivative: { arithmetic: 5, transcendental: 1, evaluate: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  },
  /** x · sigmoid(x), also called SiLU. */
  swish: {
    arithmetic: 4,
    transcendental: 1,
    evaluate: (x) => x * sigmoid(x),
    derivative: {
      arithmetic: 7,
      transcendental: 1,
      evaluate: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    },
  },
  /** relu6(x + 3) / 6 (Howard et al. 2019). */
  'hard-sigmoid': {
    arithmetic: 4,
    transcendental: 0,
    evaluate: (x) => clamp6(x + 3) / 6,
    derivative: { arithmetic: 3, transcendental: 0, evaluate: (x) => within(x, -3, 3) / 6 },
  },
  /** x · relu6(x + 3) / 6 (Howard et al. 2019). */
  'hard-swish': {
    arithmetic: 5,
    transcendental: 0,
    evaluate: (x) => (x * clamp6(x + 3)) / 6,
    derivative: {
      arithmetic: 8,
      transcendental: 0,
      evaluate: (x) => (clamp6(x + 3) + x * within(x, -3, 3)) / 6,
    },
  },
  /** x · Φ(x), with the error function, not its tanh approximation. */
  gelu: {
    arithmetic: 4,
    transcendental: 1,
    evaluate: (x) => x * normalCdf(x),
    derivative: { arithmetic: 8, transcendental: 2, evaluate: (x) => normalCdf(x) + x * density(x) },
  },
  tanh: {
    arithmetic: 0,
    transcendental: 1,
    evaluate: Math.tanh,
    derivative: { arithmetic: 2, transcendental: 1, evaluate: (x) => 1 - Math.tanh(x) ** 2 },
  },
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
  gradient: (graph, { operands: { input }, attributes }, outputGradient) => ({
    input: () => graph.apply(activationGradient, { outputGradient, input }, attributes),
  }),
};

/** outputGradient · φ′(input), element by element: the input is all that has to be kept for it. */
export const activationGradient: Operator<
  'activationGradient',
  'outputGradient' | 'input',
  never,
  ActivationAttributes
> = {
  name: 'activationGradient',
  shapes({ outputGradient, input }) {
    require(sameShape(outputGradient, input), 'the gradient has another shape than the input');
    return [input];
  },
  work({ operands: { input }, attributes }) {
    const { arithmetic, transcendental } = activationFunctions[attributes.function].derivative;
    const elements = size(input);
    return { macs: 0, arithmetic: (arithmetic + 1) * elements, transcendental: transcendental * elements };
  },
};
