import type { Tensor } from '../../graph/graph.ts';
import { normalQuantiles } from '../../mathematics/normal-distribution.ts';
import { activationFunctions, type ActivationName } from '../../operators/activation.ts';

/**
 * Mean square that an untrained convolution's output is given, whatever stands before it.
 *
 * Small, so that smooth activations work in their nearly linear range: there an error of the estimates stays what it
 * is, while around 1 it would feed on itself from block to block (swish passes a quarter of a weak signal's power,
 * half of a strong one's).
 */
export const signalTarget = 0.01;

/**
 * Expected mean square of each tensor of an untrained network, followed through the graph as it is built, so that
 * filters can be drawn to keep it. Without that, the signal of a network whose norm uses running statistics, or that
 * has none, dies out or blows up with depth, and denormals or infinities distort every timing.
 */
export class SignalScale {
  readonly #meanSquare = new Map<Tensor, number>();

  /** 1 where nothing was noted: inputs and the results of norms that normalize what they see. */
  of(tensor: Tensor): number {
    return this.#meanSquare.get(tensor) ?? 1;
  }

  /** Notes the mean square of a tensor and returns the tensor. */
  note<T extends Tensor>(tensor: T, meanSquare: number): T {
    this.#meanSquare.set(tensor, meanSquare);
    return tensor;
  }

  /** Root mean square of weights with which sums of `fanIn` products with `input` have the target mean square. */
  weightScale(input: Tensor, fanIn: number): number {
    return Math.sqrt(signalTarget / (fanIn * this.of(input)));
  }
}

const samples = normalQuantiles(200);

interface Moments {
  readonly mean: number;
  readonly meanSquare: number;
  readonly variance: number;
}

/** Moments of φ(x) − `centre` for normal x with mean 0 and the given mean square. */
export function activatedMoments(activation: ActivationName, meanSquare: number, centre = 0): Moments {
  const key = `${activation} ${meanSquare} ${centre}`;
  const known = knownMoments.get(key);
  if (known) return known;
  const { evaluate } = activationFunctions[activation];
  const values = samples.map((z) => evaluate(Math.sqrt(meanSquare) * z) - centre);
  const average = (numbers: Float64Array) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const mean = average(values);
  const square = average(values.map((x) => x * x));
  const moments = { mean, meanSquare: square, variance: square - mean * mean };
  knownMoments.set(key, moments);
  return moments;
}

/** Networks ask for the same few moments at every activation. */
const knownMoments = new Map<string, Moments>();
