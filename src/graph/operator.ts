import type { Shape } from './shape.ts';

/**
 * What one application of an operator computes, in buckets that are never mixed.
 *
 * - `macs`: multiply-accumulates of convolutions, dense layers and matrix products. 1 MAC = 2 FLOPs.
 * - `arithmetic`: every other addition, subtraction, multiplication, division or comparison.
 * - `transcendental`: exp, log, square root, tanh, erf: one each, however many instructions a machine needs.
 */
export interface Work {
  readonly macs: number;
  readonly arithmetic: number;
  readonly transcendental: number;
}

/** Elements that must at least be read and written: each operand once, as if every operator ran on its own. */
export interface Traffic {
  readonly read: number;
  readonly written: number;
}

/** Operands by name; an optional one may be missing. */
export type Operands<Required extends string, Optional extends string, Value> = Readonly<
  Record<Required, Value> & Partial<Record<Optional, Value>>
>;

/** The shapes and attributes of one application. */
export interface Application<Required extends string, Optional extends string, Attributes> {
  readonly operands: Operands<Required, Optional, Shape>;
  readonly outputs: readonly Shape[];
  readonly attributes: Attributes;
}

/**
 * An operator, defined in one place: what it may be applied to, and what that costs.
 *
 * `shapes` throws `Mismatch` when the operands do not fit; the builder adds the scope and the shapes to the message.
 */
export interface Operator<
  Name extends string,
  Required extends string,
  Optional extends string,
  Attributes extends object,
> {
  readonly name: Name;
  shapes(operands: Operands<Required, Optional, Shape>, attributes: Attributes): readonly Shape[];
  work(application: Application<Required, Optional, Attributes>): Work;
  /** Only where it is not "each operand and each output once": views, slices. */
  traffic?(application: Application<Required, Optional, Attributes>): Traffic;
  /**
   * The gradients of the operands, from the gradient of the first output; absent where there is none. Each is built
   * only when it is asked for, so an operand that nobody learns from costs nothing. A gradient that is the same along
   * some axes may have extent 1 there.
   */
  gradient?<Value extends Shaped>(
    graph: Applier<Value>,
    node: Differentiable<Required, Optional, Attributes, Value>,
    outputGradient: Value,
  ): Gradients<Required | Optional, Value>;
}

/** Whatever a graph is built from, as far as a gradient rule can see. */
export interface Shaped {
  readonly shape: Shape;
}

/** Applies operators while a gradient is built; names are the applier's business. */
export interface Applier<Value extends Shaped> {
  apply<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    operands: Operands<R, O, Value>,
    attributes: A,
  ): Value;
  /** The same, for an operator with several outputs. */
  applyAll<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    operands: Operands<R, O, Value>,
    attributes: A,
  ): readonly Value[];
  /** A constant of one element, which broadcasts. */
  scalar(value: number): Value;
}

/** A node as its gradient rule sees it. */
export interface Differentiable<Required extends string, Optional extends string, Attributes, Value> {
  readonly operands: Operands<Required, Optional, Value>;
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export type Gradients<Name extends string, Value> = Readonly<Partial<Record<Name, () => Value>>>;

/** Any operator, for readers that only ask for shapes and costs. */
export type AnyOperator = Operator<string, never, never, never>;

/** Thrown by a shape rule; says what does not fit, without knowing where. */
export class Mismatch extends Error {
  override name = 'Mismatch';
}

/** Throws `Mismatch` with `message` unless `condition` holds. */
export function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Mismatch(message);
}
