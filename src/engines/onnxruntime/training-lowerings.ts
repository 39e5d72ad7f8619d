import type { Tensor } from '../../graph/graph.ts';
import { size } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import type { NodeOf, OperatorTable, TrainingOperatorName } from '../../operators/registry.ts';
import { float, int, ints, outputOf, type Emitter } from './emitter.ts';

/** The operators of training as standard ONNX operators: what every device runs, and what faster forms are held to. */
export const trainingLowerings: Pick<OperatorTable<Emitter, void>, TrainingOperatorName> = {
  /** A transposed convolution with the same filter; the output's padding is what the stride left over. */
  conv2dInputGradient(node, emit) {
    const { outputGradient, filter } = node.operands;
    const { stride, dilation, groups, pads, inputShape } = node.attributes;
    const leftOver = [0, 1].map((axis) => {
      const span = dilation * (filter.shape[2 + axis]! - 1) + 1;
      const covered = (outputGradient.shape[2 + axis]! - 1) * stride + span;
      return inputShape[2 + axis]! + pads.before[axis]! + pads.after[axis]! - covered;
    });
    emit.result(outputOf(node), 'ConvTranspose', [outputGradient.name, filter.name], {
      kernel_shape: ints(filter.shape.slice(2)),
      strides: ints([stride, stride]),
      dilations: ints([dilation, dilation]),
      group: int(groups),
      pads: ints([...pads.before, ...pads.after]),
      output_padding: ints(leftOver),
    });
  },

  /**
   * A convolution in which images take the place of channels: input `[C, N, H, W]`, the gradient as filter
   * `[M, N, H', W']`, stride and dilation exchanged. Groups stand side by side along the channels.
   */
  conv2dFilterGradient(node, emit) {
    const { input, outputGradient } = node.operands;
    const { stride, dilation, groups, pads, filterShape } = node.attributes;
    const [batch, channels, height, width] = input.shape as [number, number, number, number];
    const [, filters, outHeight, outWidth] = outputGradient.shape as [number, number, number, number];
    const [, perGroup, kernelHeight, kernelWidth] = filterShape as [number, number, number, number];
    // [N, g, C/g, H, W] → [C/g, g·N, H, W]
    const split = [batch, groups, channels / groups, height, width];
    const images = emit.intermediate('images', 'Reshape', [input.name, emit.integers('split', split)]);
    const turned = emit.intermediate('turned', 'Transpose', [images], { perm: ints([2, 1, 0, 3, 4]) });
    const stacked = [perGroup, groups * batch, height, width];
    const data = emit.intermediate('data', 'Reshape', [turned, emit.integers('stacked', stacked)]);
    // [N, M, H', W'] → [M, N, H', W']: the filters of group g see the images of group g.
    const kernel = emit.intermediate('kernel', 'Transpose', [outputGradient.name], {
      perm: ints([1, 0, 2, 3]),
    });
    // Rows that the stride left over would give taps beyond the filter's: they are not read.
    const after = [0, 1].map((axis) => {
      const extent = [outHeight, outWidth][axis]!;
      const span = stride * (extent - 1) + 1 + dilation * ([kernelHeight, kernelWidth][axis]! - 1);
      return span - [height, width][axis]! - pads.before[axis]!;
    });
    const trimmed = trimEnds(emit, data, stacked, after);
    const taps = emit.intermediate('taps', 'Conv', [trimmed, kernel], {
      kernel_shape: ints([outHeight, outWidth]),
      strides: ints([dilation, dilation]),
      dilations: ints([stride, stride]),
      group: int(groups),
      pads: ints([...pads.before, ...after.map((amount) => Math.max(0, amount))]),
    });
    // [C/g, M, kh, kw] → [M, C/g, kh, kw]
    emit.result(outputOf(node), 'Transpose', [taps], { perm: ints([1, 0, 2, 3]) });
    if (filters % groups !== 0) throw new Error(`${node.name}: groups do not divide`);
  },

  batchNormTraining(node, emit) {
    const { input, scale, offset, runningMean, runningVariance } = node.operands;
    const { epsilon, decay } = node.attributes;
    const [output, mean, inverse, nextMean, nextVariance] = node.outputs;
    const count = size(input.shape) / input.shape[1]!;
    const perChannel = emit.integers('perChannel', mean!.shape);
    const image = emit.integers('image', [1, input.shape[1]!, 1, 1]);
    const average = emit.intermediate('average', 'ReduceMean', [input.name], { axes: ints([0, 2, 3]) });
    const centred = emit.intermediate('centred', 'Sub', [input.name, average]);
    const squares = emit.intermediate('squares', 'Mul', [centred, centred]);
    const variance = emit.intermediate('variance', 'ReduceMean', [squares], { axes: ints([0, 2, 3]) });
    const deviation = inverseRoot(emit, variance, epsilon);
    emit.result(mean!, 'Reshape', [average, perChannel]);
    emit.result(inverse!, 'Reshape', [deviation, perChannel]);
    emitAffine(emit, output!, centred, deviation, scale, offset, image);
    moveAverage(emit, nextMean!, runningMean, mean!.name, decay);
    const unbiased = emit.intermediate('unbiased', 'Mul', [
      variance,
      emit.floats('bessel', [], count / (count - 1)),
    ]);
    const flat = emit.intermediate('flatVariance', 'Reshape', [unbiased, perChannel]);
    moveAverage(emit, nextVariance!, runningVariance, flat, decay);
  },

  groupNormTraining(node, emit) {
    const { input, scale, offset } = node.operands;
    const { groups, epsilon } = node.attributes;
    const [output, mean, inverse] = node.outputs;
    const [batch, channels] = input.shape as [number, number];
    const grouped = emit.integers('grouped', [batch, groups, size(input.shape) / (batch * groups)]);
    const view = emit.intermediate('view', 'Reshape', [input.name, grouped]);
    const average = emit.intermediate('average', 'ReduceMean', [view], { axes: ints([2]) });
    const centred = emit.intermediate('centred', 'Sub', [view, average]);
    const squares = emit.intermediate('squares', 'Mul', [centred, centred]);
    const variance = emit.intermediate('variance', 'ReduceMean', [squares], { axes: ints([2]) });
    const deviation = inverseRoot(emit, variance, epsilon);
    const statistics = emit.integers('statistics', [batch, groups]);
    emit.result(mean!, 'Reshape', [average, statistics]);
    emit.result(inverse!, 'Reshape', [deviation, statistics]);
    const normalized = emit.intermediate('normalized', 'Mul', [centred, deviation]);
    const restored = emit.intermediate('restored', 'Reshape', [
      normalized,
      emit.integers('shape', input.shape),
    ]);
    const image = emit.integers('image', [1, channels, 1, 1]);
    emitAffine(emit, output!, restored, undefined, scale, offset, image);
  },

  batchNormGradient(node, emit) {
    const { input } = node.operands;
    emitNormGradient(node, emit, input.shape, [0, 2, 3], [1, input.shape[1]!, 1, 1]);
  },

  groupNormGradient(node, emit) {
    const { input } = node.operands;
    const { groups } = node.attributes;
    const [batch, channels, height, width] = input.shape as [number, number, number, number];
    const view = [batch, groups, channels / groups, height * width];
    emitNormGradient(node, emit, view, [2, 3], [batch, groups, 1, 1]);
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

  pool2dGradient: lowerPoolGradient,

  softmaxCrossEntropy(node, emit) {
    const { logits, labels } = node.operands;
    const logs = emit.intermediate('logs', 'LogSoftmax', [logits.name], { axis: int(1) });
    const products = emit.intermediate('products', 'Mul', [logs, labels.name]);
    const sum = emit.intermediate('sum', 'ReduceSum', [products], { keepdims: int(0) });
    emit.result(outputOf(node), 'Mul', [sum, emit.floats('mean', [], -1 / logits.shape[0]!)]);
  },

  softmaxCrossEntropyGradient(node, emit) {
    const { logits, labels } = node.operands;
    const probabilities = emit.intermediate('probabilities', 'Softmax', [logits.name], { axis: int(1) });
    const difference = emit.intermediate('difference', 'Sub', [probabilities, labels.name]);
    emit.result(outputOf(node), 'Mul', [difference, emit.floats('mean', [], 1 / logits.shape[0]!)]);
  },

  sgdUpdate(node, emit) {
    const { parameter, gradient, velocity, learningRate } = node.operands;
    const { momentum, weightDecay } = node.attributes;
    const [next, nextVelocity] = node.outputs;
    const kept = emit.intermediate('kept', 'Mul', [velocity.name, emit.floats('momentum', [], momentum)]);
    const decayed = withWeightDecay(emit, gradient, parameter, weightDecay);
    emit.result(nextVelocity!, 'Add', [kept, decayed]);
    const move = emit.intermediate('move', 'Mul', [nextVelocity!.name, learningRate.name]);
    emit.result(next!, 'Sub', [parameter.name, move]);
  },

  rmspropUpdate(node, emit) {
    const { parameter, gradient, meanSquare, velocity, learningRate } = node.operands;
    const { momentum, weightDecay, decay, epsilon } = node.attributes;
    const [next, nextSquare, nextVelocity] = node.outputs;
    const g = withWeightDecay(emit, gradient, parameter, weightDecay);
    const square = emit.intermediate('square', 'Mul', [g, g]);
    const mixed = mix(emit, meanSquare.name, square, decay);
    emit.result(nextSquare!, 'Add', mixed);
    const regular = emit.intermediate('regular', 'Add', [
      nextSquare!.name,
      emit.floats('epsilon', [], epsilon),
    ]);
    const root = emit.intermediate('root', 'Sqrt', [regular]);
    const scaled = emit.intermediate('scaled', 'Div', [g, root]);
    const move = emit.intermediate('move', 'Mul', [scaled, learningRate.name]);
    const carried = emit.intermediate('carried', 'Mul', [
      velocity.name,
      emit.floats('momentum', [], momentum),
    ]);
    emit.result(nextVelocity!, 'Add', [carried, move]);
    emit.result(next!, 'Sub', [parameter.name, nextVelocity!.name]);
  },

  adamUpdate(node, emit) {
    const { parameter, gradient, mean, meanSquare, stepSize, learningRate } = node.operands;
    const { beta1, beta2, epsilon, weightDecay } = node.attributes;
    const [next, nextMean, nextSquare] = node.outputs;
    emit.result(nextMean!, 'Add', mix(emit, mean.name, gradient.name, beta1, 'mean'));
    const square = emit.intermediate('square', 'Mul', [gradient.name, gradient.name]);
    emit.result(nextSquare!, 'Add', mix(emit, meanSquare.name, square, beta2, 'meanSquare'));
    const root = emit.intermediate('root', 'Sqrt', [nextSquare!.name]);
    const regular = emit.intermediate('regular', 'Add', [root, emit.floats('epsilon', [], epsilon)]);
    const ratio = emit.intermediate('ratio', 'Div', [nextMean!.name, regular]);
    const move = emit.intermediate('move', 'Mul', [ratio, stepSize.name]);
    if (weightDecay === 0) {
      emit.result(next!, 'Sub', [parameter.name, move]);
      return;
    }
    const moved = emit.intermediate('moved', 'Sub', [parameter.name, move]);
    const rate = emit.intermediate('decayRate', 'Mul', [
      learningRate.name,
      emit.floats('decay', [], weightDecay),
    ]);
    const shrink = emit.intermediate('shrink', 'Mul', [parameter.name, rate]);
    emit.result(next!, 'Sub', [moved, shrink]);
  },
};

/** 1 / √(variance + ε). */
function inverseRoot(emit: Emitter, variance: string, epsilon: number): string {
  const regular = emit.intermediate('regular', 'Add', [variance, emit.floats('epsilon', [], epsilon)]);
  const root = emit.intermediate('root', 'Sqrt', [regular]);
  return emit.intermediate('inverse', 'Reciprocal', [root]);
}

/** x · factor · scale + offset; scale and offset `[C]` are viewed as `image`, `[1, C, 1, 1]`. */
function emitAffine(
  emit: Emitter,
  output: Tensor,
  x: string,
  factor: string | undefined,
  scale: Tensor | undefined,
  offset: Tensor | undefined,
  image: string,
): void {
  const scaleImage = scale && emit.intermediate('scaleImage', 'Reshape', [scale.name, image]);
  const offsetImage = offset && emit.intermediate('offsetImage', 'Reshape', [offset.name, image]);
  const both =
    factor !== undefined && scaleImage !== undefined
      ? emit.intermediate('factor', 'Mul', [factor, scaleImage])
      : (factor ?? scaleImage);
  if (both === undefined) {
    if (offsetImage === undefined) emit.result(output, 'Identity', [x]);
    else emit.result(output, 'Add', [x, offsetImage]);
  } else if (offsetImage === undefined) emit.result(output, 'Mul', [x, both]);
  else emit.result(output, 'Add', [emit.intermediate('stretched', 'Mul', [x, both]), offsetImage]);
}

/** next = decay · running + (1 − decay) · now. */
function moveAverage(emit: Emitter, next: Tensor, running: Tensor, now: string, decay: number): void {
  emit.result(next, 'Add', mix(emit, running.name, now, decay, next.name.slice(-2)));
}

/** The two terms of decay · old + (1 − decay) · now. */
function mix(emit: Emitter, old: string, now: string, decay: number, label = ''): [string, string] {
  const kept = emit.intermediate(`kept${label}`, 'Mul', [old, emit.floats(`decay${label}`, [], decay)]);
  const added = emit.intermediate(`added${label}`, 'Mul', [now, emit.floats(`rest${label}`, [], 1 - decay)]);
  return [kept, added];
}

function withWeightDecay(emit: Emitter, gradient: Tensor, parameter: Tensor, weightDecay: number): string {
  if (weightDecay === 0) return gradient.name;
  const pull = emit.intermediate('pull', 'Mul', [
    parameter.name,
    emit.floats('weightDecay', [], weightDecay),
  ]);
  return emit.intermediate('decayed', 'Add', [gradient.name, pull]);
}

/**
 * Gradients of a norm over `axes` of `view`, whose statistics have the shape `statistics` there:
 * with d = dy·scale and x̂ = (x − mean)·r, dx = r·(d − mean(d) − x̂·mean(d·x̂)).
 */
function emitNormGradient(
  node: NodeOf<'batchNormGradient' | 'groupNormGradient'>,
  emit: Emitter,
  view: readonly number[],
  axes: readonly number[],
  statistics: readonly number[],
): void {
  const { outputGradient, input, mean, inverseDeviation, scale } = node.operands;
  const [inputGradient, scaleGradient, offsetGradient] = node.outputs;
  const isView = view !== input.shape;
  const viewShape = isView ? emit.integers('view', view) : '';
  const original = isView ? emit.integers('original', input.shape) : '';
  const seen = (suffix: string, name: string) =>
    isView ? emit.intermediate(suffix, 'Reshape', [name, viewShape]) : name;
  const statisticsShape = emit.integers('statistics', statistics);
  const centre = emit.intermediate('centre', 'Reshape', [mean.name, statisticsShape]);
  const inverse = emit.intermediate('inverse', 'Reshape', [inverseDeviation.name, statisticsShape]);

  const centred = emit.intermediate('centred', 'Sub', [seen('inputView', input.name), centre]);
  const normalized = emit.intermediate('normalized', 'Mul', [centred, inverse]);
  const normalizedImage = isView ? emit.intermediate('image', 'Reshape', [normalized, original]) : normalized;

  const channelAxes = emit.integers('channelAxes', [0, 2, 3]);
  emit.result(offsetGradient!, 'ReduceSum', [outputGradient.name, channelAxes], { keepdims: int(0) });
  const weighted = emit.intermediate('weighted', 'Mul', [outputGradient.name, normalizedImage]);
  emit.result(scaleGradient!, 'ReduceSum', [weighted, channelAxes], { keepdims: int(0) });

  let d = outputGradient.name;
  if (scale) {
    const image = emit.integers('perChannel', [1, input.shape[1]!, 1, 1]);
    d = emit.intermediate('scaled', 'Mul', [
      d,
      emit.intermediate('scaleImage', 'Reshape', [scale.name, image]),
    ]);
  }
  const dView = seen('gradientView', d);
  const average = emit.intermediate('average', 'ReduceMean', [dView], { axes: ints(axes) });
  const product = emit.intermediate('product', 'Mul', [dView, normalized]);
  const correlation = emit.intermediate('correlation', 'ReduceMean', [product], { axes: ints(axes) });
  const along = emit.intermediate('along', 'Mul', [normalized, correlation]);
  const rest = emit.intermediate('rest', 'Sub', [
    emit.intermediate('shifted', 'Sub', [dView, average]),
    along,
  ]);
  if (!isView) emit.result(inputGradient!, 'Mul', [rest, inverse]);
  else
    emit.result(inputGradient!, 'Reshape', [emit.intermediate('result', 'Mul', [rest, inverse]), original]);
}

/**
 * Each tap of the window takes its share of the gradient, and a transposed convolution with one-hot filters puts all
 * of them where they came from. For a maximum the share goes to the first tap that has it.
 */
function lowerPoolGradient(node: NodeOf<'pool2dGradient'>, emit: Emitter): void {
  const { outputGradient, input } = node.operands;
  const { function: kind, window } = node.attributes;
  const [batch, channels, height, width] = input.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = outputGradient.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = window.kernel;
  const taps = kernelHeight * kernelWidth;

  // One-hot filters: channel c, tap t of the unfolded input is tap t of the window on channel c.
  const oneHot = new Float32Array(channels * taps * taps);
  for (let c = 0; c < channels; c++) for (let t = 0; t < taps; t++) oneHot[(c * taps + t) * taps + t] = 1;
  const filters = emit.values('oneHot', [channels * taps, 1, kernelHeight, kernelWidth], oneHot);
  const geometry = {
    kernel_shape: ints(window.kernel),
    strides: ints([window.stride, window.stride]),
    dilations: ints([window.dilation, window.dilation]),
    group: int(channels),
    pads: ints([...window.pads.before, ...window.pads.after]),
  };
  const unfolded = emit.integers('unfolded', [batch, channels, taps, outHeight, outWidth]);
  const unfold = (suffix: string, image: string) =>
    emit.intermediate(`${suffix}Taps`, 'Reshape', [
      emit.intermediate(suffix, 'Conv', [image, filters], geometry),
      unfolded,
    ]);
  const ones = emit.floats('ones', [batch, channels, height, width], 1);
  const inside = unfold('inside', ones);
  const gradient = emit.intermediate('gradient', 'Reshape', [
    outputGradient.name,
    emit.integers('single', [batch, channels, 1, outHeight, outWidth]),
  ]);
  let share: string;
  if (kind === 'average') {
    const count = emit.intermediate('count', 'ReduceSum', [inside, emit.integers('tapAxis', [2])]);
    share = emit.intermediate('share', 'Div', [inside, count]);
  } else {
    const below = emit.intermediate('below', 'Mul', [
      emit.intermediate('outside', 'Sub', [inside, emit.floats('one', [], 1)]),
      emit.floats('huge', [], 1e30),
    ]);
    const candidates = emit.intermediate('candidates', 'Add', [unfold('values', input.name), below]);
    const first = emit.intermediate('first', 'ArgMax', [candidates], { axis: int(2), keepdims: int(1) });
    const order = emit.integers(
      'order',
      Array.from({ length: taps }, (_, tap) => tap),
    );
    const index = emit.intermediate('index', 'Reshape', [
      order,
      emit.integers('alongTaps', [1, 1, taps, 1, 1]),
    ]);
    const chosen = emit.intermediate('chosen', 'Equal', [index, first]);
    share = emit.intermediate('share', 'Cast', [chosen], { to: int(1) });
  }
  const spread = emit.intermediate('spread', 'Mul', [share, gradient]);
  const folded = emit.integers('folded', [batch, channels * taps, outHeight, outWidth]);
  const leftOver = [0, 1].map((axis) => {
    const span = window.dilation * (window.kernel[axis]! - 1) + 1;
    const covered = (outputGradient.shape[2 + axis]! - 1) * window.stride + span;
    return input.shape[2 + axis]! + window.pads.before[axis]! + window.pads.after[axis]! - covered;
  });
  emit.result(
    outputOf(node),
    'ConvTranspose',
    [emit.intermediate('shares', 'Reshape', [spread, folded]), filters],
    {
      ...geometry,
      output_padding: ints(leftOver),
    },
  );
}

/** Drops rows and columns that no window reaches: `after` is negative by as many. */
function trimEnds(emit: Emitter, data: string, shape: readonly number[], after: readonly number[]): string {
  const cut = after.flatMap((amount, axis) =>
    amount < 0 ? [{ axis: axis + 2, end: shape[axis + 2]! + amount }] : [],
  );
  if (cut.length === 0) return data;
  const starts = emit.integers(
    'trimStarts',
    cut.map(() => 0),
  );
  const ends = emit.integers(
    'trimEnds',
    cut.map(({ end }) => end),
  );
  const axes = emit.integers(
    'trimAxes',
    cut.map(({ axis }) => axis),
  );
  return emit.intermediate('trimmed', 'Slice', [data, starts, ends, axes]);
}
