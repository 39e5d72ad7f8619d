import { size, type Shape } from '../../graph/shape.ts';
import { activationFunctions } from '../../operators/activation.ts';
import type { OperatorTable, TrainingOperatorName } from '../../operators/registry.ts';
import { at, channelAt, type Values } from './arrays.ts';
import { forEachTap } from './taps.ts';

/** The operators of training from their definitions, in double precision. */
export const trainingKernels: Pick<
  OperatorTable<Values, Float64Array | readonly Float64Array[]>,
  TrainingOperatorName
> = {
  conv2dInputGradient(node, values) {
    const { outputGradient, filter } = node.operands;
    const { inputShape } = node.attributes;
    const [dy, w] = [values(outputGradient), values(filter)];
    const result = new Float64Array(size(inputShape));
    const shapes = { input: inputShape, filter: filter.shape, output: outputGradient.shape };
    forEachTap(shapes, node.attributes, (source, tap, target) => {
      result[source]! += at(dy, target) * at(w, tap);
    });
    return result;
  },

  conv2dFilterGradient(node, values) {
    const { input, outputGradient } = node.operands;
    const { filterShape } = node.attributes;
    const [x, dy] = [values(input), values(outputGradient)];
    const result = new Float64Array(size(filterShape));
    const shapes = { input: input.shape, filter: filterShape, output: outputGradient.shape };
    forEachTap(shapes, node.attributes, (source, tap, target) => {
      result[tap]! += at(x, source) * at(dy, target);
    });
    return result;
  },

  batchNormTraining(node, values) {
    const { input, scale, offset, runningMean, runningVariance } = node.operands;
    const { epsilon, decay } = node.attributes;
    const x = values(input);
    const channels = size(runningMean.shape);
    const group = (index: number) => channelAt(index, input.shape);
    const { mean, variance, count } = moments(x, channels, group);
    const inverseDeviation = variance.map((value) => 1 / Math.sqrt(value + epsilon));
    const [s, o] = [scale && values(scale), offset && values(offset)];
    const output = x.map((value, index) => {
      const c = group(index);
      return (value - at(mean, c)) * at(inverseDeviation, c) * (s ? at(s, c) : 1) + (o ? at(o, c) : 0);
    });
    const unbiased = variance.map((value) => (value * count) / (count - 1));
    const moved = (running: Float64Array, now: Float64Array) =>
      running.map((value, c) => decay * value + (1 - decay) * at(now, c));
    return [
      output,
      mean,
      inverseDeviation,
      moved(values(runningMean), mean),
      moved(values(runningVariance), unbiased),
    ];
  },

  groupNormTraining(node, values) {
    const { input, scale, offset } = node.operands;
    const { groups, epsilon } = node.attributes;
    const x = values(input);
    const group = groupIndex(input.shape, groups);
    const { mean, variance } = moments(x, input.shape[0]! * groups, group);
    const inverseDeviation = variance.map((value) => 1 / Math.sqrt(value + epsilon));
    const [s, o] = [scale && values(scale), offset && values(offset)];
    const output = x.map((value, index) => {
      const [g, c] = [group(index), channelAt(index, input.shape)];
      return (value - at(mean, g)) * at(inverseDeviation, g) * (s ? at(s, c) : 1) + (o ? at(o, c) : 0);
    });
    return [output, mean, inverseDeviation];
  },

  batchNormGradient(node, values) {
    const { input, mean } = node.operands;
    const channels = size(mean.shape);
    return normGradient(node.operands, values, channels, (index) => channelAt(index, input.shape));
  },

  groupNormGradient(node, values) {
    const { input } = node.operands;
    const { groups } = node.attributes;
    return normGradient(node.operands, values, input.shape[0]! * groups, groupIndex(input.shape, groups));
  },

  activationGradient(node, values) {
    const [dy, x] = [values(node.operands.outputGradient), values(node.operands.input)];
    const { evaluate } = activationFunctions[node.attributes.function].derivative;
    return dy.map((value, index) => value * evaluate(at(x, index)));
  },

  pool2dGradient(node, values) {
    const { outputGradient, input } = node.operands;
    const { function: kind, window } = node.attributes;
    const [batch = 0, channels = 0] = input.shape;
    const [dy, x] = [values(outputGradient), values(input)];
    // A pooling meets the taps of a depthwise convolution with the same window.
    const filter = [channels, 1, ...window.kernel];
    const taps = new Map<number, number[]>();
    const shapes = {
      input: [batch, channels, ...input.shape.slice(2)],
      filter,
      output: outputGradient.shape,
    };
    forEachTap(shapes, { ...window, groups: channels }, (source, _, target) => {
      const inside = taps.get(target);
      if (inside) inside.push(source);
      else taps.set(target, [source]);
    });
    const result = new Float64Array(x.length);
    for (const [target, sources] of taps) {
      if (kind === 'average')
        for (const source of sources) result[source]! += at(dy, target) / sources.length;
      else {
        const largest = Math.max(...sources.map((source) => at(x, source)));
        result[sources.find((source) => at(x, source) === largest)!]! += at(dy, target);
      }
    }
    return result;
  },

  softmaxCrossEntropy(node, values) {
    const { logits, labels } = node.operands;
    const probabilities = softmaxRows(values(logits), logits.shape[1]!);
    const loss = values(labels).reduce(
      (sum, label, index) => sum - label * Math.log(at(probabilities, index)),
      0,
    );
    return Float64Array.of(loss / logits.shape[0]!);
  },

  softmaxCrossEntropyGradient(node, values) {
    const { logits, labels } = node.operands;
    const target = values(labels);
    const probabilities = softmaxRows(values(logits), logits.shape[1]!);
    return probabilities.map((p, index) => (p - at(target, index)) / logits.shape[0]!);
  },

  sgdUpdate(node, values) {
    const { parameter, gradient, velocity, learningRate } = node.operands;
    const { momentum, weightDecay } = node.attributes;
    const [w, g, v, rate] = [
      values(parameter),
      values(gradient),
      values(velocity),
      at(values(learningRate), 0),
    ];
    const next = v.map((value, index) => momentum * value + at(g, index) + weightDecay * at(w, index));
    return [w.map((value, index) => value - rate * at(next, index)), next];
  },

  rmspropUpdate(node, values) {
    const { parameter, gradient, meanSquare, velocity, learningRate } = node.operands;
    const { momentum, weightDecay, decay, epsilon } = node.attributes;
    const [w, m, s] = [values(parameter), values(velocity), values(meanSquare)];
    const rate = at(values(learningRate), 0);
    const g = values(gradient).map((value, index) => value + weightDecay * at(w, index));
    const nextSquare = s.map((value, index) => decay * value + (1 - decay) * at(g, index) ** 2);
    const next = m.map(
      (value, index) => momentum * value + (rate * at(g, index)) / Math.sqrt(at(nextSquare, index) + epsilon),
    );
    return [w.map((value, index) => value - at(next, index)), nextSquare, next];
  },

  adamUpdate(node, values) {
    const { parameter, gradient, mean, meanSquare, stepSize, learningRate } = node.operands;
    const { beta1, beta2, epsilon, weightDecay } = node.attributes;
    const [w, g] = [values(parameter), values(gradient)];
    const [step, rate] = [at(values(stepSize), 0), at(values(learningRate), 0)];
    const nextMean = values(mean).map((value, index) => beta1 * value + (1 - beta1) * at(g, index));
    const nextSquare = values(meanSquare).map(
      (value, index) => beta2 * value + (1 - beta2) * at(g, index) ** 2,
    );
    const next = w.map(
      (value, index) =>
        value -
        (step * at(nextMean, index)) / (Math.sqrt(at(nextSquare, index)) + epsilon) -
        rate * weightDecay * value,
    );
    return [next, nextMean, nextSquare];
  },
};

/** Mean and biased variance of each group of elements; groups are equally large. */
function moments(x: Float64Array, groups: number, group: (index: number) => number) {
  const count = x.length / groups;
  const mean = new Float64Array(groups);
  const variance = new Float64Array(groups);
  x.forEach((value, index) => (mean[group(index)]! += value / count));
  x.forEach((value, index) => (variance[group(index)]! += (value - at(mean, group(index))) ** 2 / count));
  return { mean, variance, count };
}

function groupIndex(shape: Shape, groups: number): (index: number) => number {
  const length = size(shape) / (shape[0]! * groups);
  return (index) => Math.floor(index / length);
}

/**
 * Gradients of y = x̂·scale + offset with x̂ = (x − mean)·r over groups of `count` elements:
 * dx = r·(d − Σd/count − x̂·Σ(d·x̂)/count) with d = dy·scale.
 */
function normGradient(
  operands: {
    readonly outputGradient: NormOperand;
    readonly input: NormOperand;
    readonly mean: NormOperand;
    readonly inverseDeviation: NormOperand;
    readonly scale?: NormOperand;
  },
  values: Values,
  groups: number,
  group: (index: number) => number,
): Float64Array[] {
  const { input } = operands;
  const [dy, x] = [values(operands.outputGradient), values(input)];
  const [mean, r] = [values(operands.mean), values(operands.inverseDeviation)];
  const scale = operands.scale && values(operands.scale);
  const channel = (index: number) => channelAt(index, input.shape);
  const normalized = x.map((value, index) => (value - at(mean, group(index))) * at(r, group(index)));
  const d = dy.map((value, index) => value * (scale ? at(scale, channel(index)) : 1));
  const count = x.length / groups;
  const [sum, product] = [new Float64Array(groups), new Float64Array(groups)];
  const [scaleGradient, offsetGradient] = [input.shape[1]!, input.shape[1]!].map((c) => new Float64Array(c));
  x.forEach((_, index) => {
    sum[group(index)]! += at(d, index);
    product[group(index)]! += at(d, index) * at(normalized, index);
    scaleGradient![channel(index)]! += at(dy, index) * at(normalized, index);
    offsetGradient![channel(index)]! += at(dy, index);
  });
  const inputGradient = d.map((value, index) => {
    const g = group(index);
    return at(r, g) * (value - at(sum, g) / count - (at(normalized, index) * at(product, g)) / count);
  });
  return [inputGradient, scaleGradient!, offsetGradient!];
}

type NormOperand = Parameters<Values>[0];

function softmaxRows(logits: Float64Array, classes: number): Float64Array {
  const result = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    row.forEach((value, index) => (result[start + index] = Math.exp(value - largest) / sum));
  }
  return result;
}
