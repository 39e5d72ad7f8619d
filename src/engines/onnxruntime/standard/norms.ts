import type { Tensor } from '../../../graph/graph.ts';
import { size } from '../../../graph/shape.ts';
import type { NodeOf, OperatorTable } from '../../../operators/registry.ts';
import { float, int, ints, outputOf, type Emitter } from '../emitter.ts';
import { moveAverage } from './average.ts';

/** Norms, over images in inference and with their statistics in training; filters standardised. */
export const norms = {
  batchNorm(node, emit) {
    const { input, scale, offset, mean, variance } = node.operands;
    const one = scale?.name ?? emit.floats('one', mean.shape, 1);
    const zero = offset?.name ?? emit.floats('zero', mean.shape, 0);
    const inputs = [input.name, one, zero, mean.name, variance.name];
    emit.result(outputOf(node), 'BatchNormalization', inputs, { epsilon: float(node.attributes.epsilon) });
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

  batchNormGradient(node, emit) {
    const { input } = node.operands;
    emitNormGradient(node, emit, input.shape, [0, 2, 3], [1, input.shape[1]!, 1, 1]);
  },

  groupNorm: lowerGroupNorm,

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

  groupNormGradient(node, emit) {
    const { input } = node.operands;
    const { groups } = node.attributes;
    const [batch, channels, height, width] = input.shape as [number, number, number, number];
    const view = [batch, groups, channels / groups, height * width];
    emitNormGradient(node, emit, view, [2, 3], [batch, groups, 1, 1]);
  },

  weightStandardization(node, emit) {
    const { filter, gain } = node.operands;
    const { gamma, epsilon } = node.attributes;
    const mean = emit.intermediate('mean', 'ReduceMean', [filter.name], { axes: ints([1, 2, 3]) });
    const centred = emit.intermediate('centred', 'Sub', [filter.name, mean]);
    const squares = emit.intermediate('squares', 'Mul', [centred, centred]);
    const power = emit.intermediate('power', 'ReduceSum', [squares, emit.integers('taps', [1, 2, 3])]);
    const bounded = emit.intermediate('bounded', 'Max', [power, emit.floats('epsilon', [], epsilon)]);
    const root = emit.intermediate('root', 'Sqrt', [bounded]);
    const column = emit.integers('column', [filter.shape[0]!, 1, 1, 1]);
    const gains = emit.intermediate('gains', 'Reshape', [gain.name, column]);
    const scaled = emit.intermediate('scaled', 'Mul', [gains, emit.floats('gamma', [], gamma)]);
    emit.result(outputOf(node), 'Mul', [centred, emit.intermediate('factor', 'Div', [scaled, root])]);
  },
} satisfies Partial<OperatorTable<Emitter, void>>;

/**
 * Group norm through instance norm: each group of channels, flattened, is one instance; the affine step per channel
 * follows. ONNX's own GroupNormalization (opset 21) is expanded by ONNX Runtime into ten passes over the data.
 */
function lowerGroupNorm(node: NodeOf<'groupNorm'>, emit: Emitter): void {
  const { input, scale, offset } = node.operands;
  const { groups, epsilon } = node.attributes;
  const output = outputOf(node);
  const [batch = 0, channels = 0] = input.shape;
  const attributes = { epsilon: float(epsilon) };
  if (groups === 1 && size(input.shape) === batch * channels) {
    // Rows of features: ONNX has an operator for them.
    const one = scale?.name ?? emit.floats('one', input.shape.slice(1), 1);
    const shape = emit.integers('perFeature', input.shape.slice(1));
    const factor = scale ? emit.intermediate('scale', 'Reshape', [scale.name, shape]) : one;
    const shift = offset ? [emit.intermediate('offset', 'Reshape', [offset.name, shape])] : [];
    emit.result(output, 'LayerNormalization', [input.name, factor, ...shift], {
      axis: int(1),
      ...attributes,
    });
    return;
  }
  if (groups === channels) {
    const one = scale?.name ?? emit.floats('one', [channels], 1);
    const zero = offset?.name ?? emit.floats('zero', [channels], 0);
    emit.result(output, 'InstanceNormalization', [input.name, one, zero], attributes);
    return;
  }
  const grouped = emit.integers('grouped', [batch, groups, size(input.shape) / (batch * groups)]);
  const view = emit.intermediate('view', 'Reshape', [input.name, grouped]);
  const unit = [emit.floats('one', [groups], 1), emit.floats('zero', [groups], 0)];
  const normalized = emit.intermediate('normalized', 'InstanceNormalization', [view, ...unit], attributes);
  const shape = emit.integers('shape', input.shape);
  if (!scale && !offset) {
    emit.result(output, 'Reshape', [normalized, shape]);
    return;
  }
  let x = emit.intermediate('restored', 'Reshape', [normalized, shape]);
  const perChannel = emit.integers('perChannel', [channels, 1, 1]);
  if (scale) {
    const factor = emit.intermediate('scale', 'Reshape', [scale.name, perChannel]);
    if (!offset) {
      emit.result(output, 'Mul', [x, factor]);
      return;
    }
    x = emit.intermediate('scaled', 'Mul', [x, factor]);
  }
  if (offset) {
    emit.result(output, 'Add', [x, emit.intermediate('offset', 'Reshape', [offset.name, perChannel])]);
  }
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
