import { require, type Operator } from '../graph/operator.ts';
import { sameShape, size, type Shape } from '../graph/shape.ts';

/** Update rules of one parameter tensor; the learning rate is a scalar that is fed in. */

export interface SgdAttributes {
  readonly momentum: number;
  /** λ of coupled L2 decay: g + λ·w takes the place of g. */
  readonly weightDecay: number;
}

/**
 * Stochastic gradient descent with momentum, as PyTorch writes it: v ← μ·v + (g + λw); w ← w − η·v.
 * → next parameter, next velocity.
 */
export const sgdUpdate: Operator<
  'sgdUpdate',
  'parameter' | 'gradient' | 'velocity' | 'learningRate',
  never,
  SgdAttributes
> = {
  name: 'sgdUpdate',
  shapes({ parameter, gradient, velocity, learningRate }) {
    requireSame(parameter, { gradient, velocity });
    requireScalar(learningRate);
    return [parameter, velocity];
  },
  work({ operands: { parameter }, attributes: { weightDecay } }) {
    return { macs: 0, arithmetic: (4 + decayCost(weightDecay)) * size(parameter), transcendental: 0 };
  },
};

export interface RmspropAttributes extends SgdAttributes {
  readonly decay: number;
  /** Inside the root. */
  readonly epsilon: number;
}

/**
 * RMSProp as in the study's code (TensorFlow's; graphcore/examples @ 4dae8bae): s ← ρ·s + (1 − ρ)·g²;
 * m ← μ·m + η·g / √(s + ε); w ← w − m, with g + λw for g. → next parameter, next mean square, next momentum.
 */
export const rmspropUpdate: Operator<
  'rmspropUpdate',
  'parameter' | 'gradient' | 'meanSquare' | 'velocity' | 'learningRate',
  never,
  RmspropAttributes
> = {
  name: 'rmspropUpdate',
  shapes({ parameter, gradient, meanSquare, velocity, learningRate }) {
    requireSame(parameter, { gradient, meanSquare, velocity });
    requireScalar(learningRate);
    return [parameter, meanSquare, velocity];
  },
  work({ operands: { parameter }, attributes: { weightDecay } }) {
    const elements = size(parameter);
    return { macs: 0, arithmetic: (10 + decayCost(weightDecay)) * elements, transcendental: elements };
  },
};

export interface AdamAttributes {
  readonly beta1: number;
  readonly beta2: number;
  /** Outside the root. */
  readonly epsilon: number;
  /** λ of decoupled decay (AdamW, Loshchilov & Hutter 2019): w shrinks by η·λ·w. */
  readonly weightDecay: number;
}

/**
 * Adam (Kingma & Ba 2015, the form before §2.1's): m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
 * w ← w − α·m / (√v + ε) − η·λ·w, where α = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ) is fed in as `stepSize`, because it depends on
 * the number of the step. → next parameter, next mean, next mean square.
 */
export const adamUpdate: Operator<
  'adamUpdate',
  'parameter' | 'gradient' | 'mean' | 'meanSquare' | 'stepSize' | 'learningRate',
  never,
  AdamAttributes
> = {
  name: 'adamUpdate',
  shapes({ parameter, gradient, mean, meanSquare, stepSize, learningRate }) {
    requireSame(parameter, { gradient, mean, meanSquare });
    requireScalar(stepSize);
    requireScalar(learningRate);
    return [parameter, mean, meanSquare];
  },
  work({ operands: { parameter }, attributes: { weightDecay } }) {
    const elements = size(parameter);
    return { macs: 0, arithmetic: (11 + decayCost(weightDecay)) * elements, transcendental: elements };
  },
};

function decayCost(weightDecay: number): number {
  return weightDecay === 0 ? 0 : 2;
}

function requireSame(parameter: Shape, others: Readonly<Record<string, Shape>>): void {
  for (const [name, shape] of Object.entries(others)) {
    require(sameShape(shape, parameter), `the ${name} has another shape than the parameter`);
  }
}

function requireScalar(shape: Shape): void {
  require(size(shape) === 1, 'the learning rate is one number');
}
