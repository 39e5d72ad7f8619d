import { require, type Applier, type Operator, type Shaped } from '../graph/operator.ts';
import { sameShape, size, type Shape } from '../graph/shape.ts';
import { sumTo } from './broadcasting.ts';
import { arithmetic, unary } from './elementwise.ts';
import { extents4, requirePerChannel } from './extents.ts';
import { reshape } from './layout.ts';

export interface BatchNormAttributes {
  /** Inside the root. */
  readonly epsilon: number;
}

/**
 * Batch normalization with running statistics (inference): (x − mean) / √(variance + ε) · scale + offset, per channel.
 *
 * input `[N, C, H, W]`, the others `[C]`. Arithmetic: 2 per element, because scale and offset absorb mean and variance
 * once per channel; engines fold even that into the convolution before.
 */
export const batchNorm: Operator<
  'batchNorm',
  'input' | 'mean' | 'variance',
  'scale' | 'offset',
  BatchNormAttributes
> = {
  name: 'batchNorm',
  shapes({ input, mean, variance, scale, offset }) {
    requirePerChannel(input, { mean, variance, scale, offset });
    return [input];
  },
  work({ operands: { input } }) {
    return { macs: 0, arithmetic: 2 * size(input), transcendental: 0 };
  },
  /** The statistics are constants here: no gradient flows into them. */
  gradient(graph, { operands: { input, mean, variance, scale, offset }, attributes }, outputGradient) {
    const { apply } = arithmetic(graph);
    return {
      input: () => {
        const regular = apply('add', variance, graph.scalar(attributes.epsilon));
        const deviation = graph.apply(unary, { input: regular }, { function: 'sqrt' });
        const factor = apply('divide', scale ?? graph.scalar(1), deviation);
        return apply('multiply', outputGradient, alongChannels(graph, factor));
      },
      scale: () => {
        const normalized = graph.apply(batchNorm, { input, mean, variance }, attributes);
        return sumPerChannel(graph, apply('multiply', outputGradient, normalized), mean.shape);
      },
      ...(offset && { offset: () => sumPerChannel(graph, outputGradient, offset.shape) }),
    };
  },
};

export interface BatchNormTrainingAttributes extends BatchNormAttributes {
  /** Part of the running statistics that a step keeps. */
  readonly decay: number;
}

/**
 * Batch normalization with the batch's own statistics (Ioffe & Szegedy 2015, algorithm 1), which also move the running
 * ones: next = decay · running + (1 − decay) · batch, with the variance's unbiased estimate, as TensorFlow's and
 * PyTorch's kernels do.
 *
 * input `[N, C, H, W]`, the others `[C]` → output, mean, 1 / √(variance + ε), next running mean, next running variance.
 * Arithmetic per element: 1 for the mean, 3 for the variance, 2 to normalize, 1 each for scale and offset.
 */
export const batchNormTraining: Operator<
  'batchNormTraining',
  'input' | 'runningMean' | 'runningVariance',
  'scale' | 'offset',
  BatchNormTrainingAttributes
> = {
  name: 'batchNormTraining',
  shapes({ input, runningMean, runningVariance, scale, offset }) {
    requirePerChannel(input, { runningMean, runningVariance, scale, offset });
    const [batch, , height, width] = extents4(input, 'input');
    require(batch * height * width >
      1, 'batch norm needs more than one value per channel: one image of one position has no variance');
    return [input, runningMean, runningMean, runningMean, runningVariance];
  },
  work({ operands: { input, runningMean, scale, offset } }) {
    const channels = size(runningMean);
    return {
      macs: 0,
      arithmetic: normArithmetic(scale, offset) * size(input) + (4 + 6) * channels,
      transcendental: channels,
    };
  },
  gradient(graph, { operands: { input, scale, offset }, outputs }, outputGradient) {
    const [, mean, inverseDeviation] = outputs;
    const operands = { outputGradient, input, mean: mean!, inverseDeviation: inverseDeviation! };
    return normGradients(
      () => graph.applyAll(batchNormGradient, { ...operands, ...(scale && { scale }) }, {}),
      { scale, offset },
    );
  },
};

type NormGradientOperands = 'outputGradient' | 'input' | 'mean' | 'inverseDeviation';

/**
 * Gradients of `batchNormTraining`: of the input `[N, C, H, W]`, and of scale and offset `[C]`, whose sums the input's
 * needs anyway. Arithmetic per element: 3 for Σdy and Σdy·x, 4 for a·dy + b·x + c.
 */
export const batchNormGradient: Operator<'batchNormGradient', NormGradientOperands, 'scale', object> = {
  name: 'batchNormGradient',
  shapes({ outputGradient, input, mean, inverseDeviation, scale }) {
    requirePerChannel(input, { mean, inverseDeviation, scale });
    require(sameShape(outputGradient, input), 'the gradient has another shape than the input');
    return [input, mean, mean];
  },
  work({ operands: { input, mean } }) {
    return { macs: 0, arithmetic: 7 * size(input) + 10 * size(mean), transcendental: 0 };
  },
};

export interface GroupNormAttributes {
  readonly groups: number;
  /** Inside the root. */
  readonly epsilon: number;
}

/**
 * Group normalization: mean and variance over each image's channels of a group and all positions. One group is layer
 * norm, as many groups as channels instance norm (Wu & He 2018, §3).
 *
 * input `[N, C, H, W]`; scale and offset `[C]`, each optional. Arithmetic per element: 1 for the mean, 3 for the
 * variance, 2 to normalize, 1 each for scale and offset; per group a division by the number of elements twice, the
 * addition of epsilon, a reciprocal and a square root.
 */
export const groupNorm: Operator<'groupNorm', 'input', 'scale' | 'offset', GroupNormAttributes> = {
  name: 'groupNorm',
  shapes({ input, scale, offset }, { groups }) {
    requireGroups(input, { scale, offset }, groups);
    return [input];
  },
  work: ({ operands, attributes }) => groupNormWork(operands, attributes),
  gradient(graph, { operands: { input, scale, offset }, attributes }, outputGradient) {
    return normGradients(
      () => {
        const [, mean, inverseDeviation] = graph.applyAll(groupNormTraining, { input }, attributes);
        const operands = { outputGradient, input, mean: mean!, inverseDeviation: inverseDeviation! };
        return graph.applyAll(groupNormGradient, { ...operands, ...(scale && { scale }) }, attributes);
      },
      { scale, offset },
    );
  },
};

/** Group normalization that keeps its statistics for the gradient: output, mean and 1 / √(variance + ε) `[N, groups]`. */
export const groupNormTraining: Operator<
  'groupNormTraining',
  'input',
  'scale' | 'offset',
  GroupNormAttributes
> = {
  name: 'groupNormTraining',
  shapes({ input, scale, offset }, { groups }) {
    requireGroups(input, { scale, offset }, groups);
    const statistics = [input[0]!, groups];
    return [input, statistics, statistics];
  },
  work: ({ operands, attributes }) => groupNormWork(operands, attributes),
  gradient(graph, { operands: { input, scale, offset }, outputs, attributes }, outputGradient) {
    const [, mean, inverseDeviation] = outputs;
    const operands = { outputGradient, input, mean: mean!, inverseDeviation: inverseDeviation! };
    return normGradients(
      () => graph.applyAll(groupNormGradient, { ...operands, ...(scale && { scale }) }, attributes),
      { scale, offset },
    );
  },
};

/**
 * Gradients of group normalization: of the input `[N, C, H, W]`, of scale and of offset `[C]`. Statistics are
 * `[N, groups]`. Arithmetic per element as for batch norm: 3 for the sums per image and channel, 4 for a·dy + b·x + c.
 */
export const groupNormGradient: Operator<
  'groupNormGradient',
  NormGradientOperands,
  'scale',
  GroupNormAttributes
> = {
  name: 'groupNormGradient',
  shapes({ outputGradient, input, mean, inverseDeviation, scale }, { groups }) {
    requireGroups(input, { scale }, groups);
    require(sameShape(outputGradient, input), 'the gradient has another shape than the input');
    const statistics = [input[0]!, groups];
    require(sameShape(mean, statistics) &&
      sameShape(inverseDeviation, statistics), `the statistics need one value per image and group`);
    return [input, [input[1]!], [input[1]!]];
  },
  work({ operands: { input } }) {
    const [batch, channels] = extents4(input, 'input');
    return { macs: 0, arithmetic: 7 * size(input) + 10 * batch * channels, transcendental: 0 };
  },
};

/** Per element: 6 to normalize, 1 each for scale and offset. */
function normArithmetic(scale: Shape | undefined, offset: Shape | undefined): number {
  return 6 + (scale ? 1 : 0) + (offset ? 1 : 0);
}

function groupNormWork(
  { input, scale, offset }: { input: Shape; scale?: Shape; offset?: Shape },
  { groups }: GroupNormAttributes,
) {
  const statistics = input[0]! * groups;
  return {
    macs: 0,
    arithmetic: normArithmetic(scale, offset) * size(input) + 4 * statistics,
    transcendental: statistics,
  };
}

function requireGroups(
  input: Shape,
  vectors: Readonly<Record<string, Shape | undefined>>,
  groups: number,
): void {
  requirePerChannel(input, vectors);
  const channels = input[1]!;
  require(channels % groups === 0, `${channels} channels do not divide into ${groups} groups`);
}

/** The three results of a norm's gradient operator, which is applied once for whichever of them are asked for. */
function normGradients<Value>(
  apply: () => readonly Value[],
  affine: { scale: Value | undefined; offset: Value | undefined },
) {
  let results: readonly Value[] | undefined;
  const result = (index: number) => () => (results ??= apply())[index]!;
  return {
    input: result(0),
    ...(affine.scale && { scale: result(1) }),
    ...(affine.offset && { offset: result(2) }),
  };
}

/** `[C]` as `[1, C, 1, 1]`. */
function alongChannels<Value extends Shaped>(graph: Applier<Value>, input: Value): Value {
  return graph.apply(reshape, { input }, { shape: [1, size(input.shape), 1, 1] });
}

/** Σ over images and positions: `[N, C, H, W]` → `[C]`. */
function sumPerChannel<Value extends Shaped>(graph: Applier<Value>, input: Value, shape: Shape): Value {
  const sums = graph.apply(sumTo, { input }, { shape: [1, size(shape), 1, 1] });
  return graph.apply(reshape, { input: sums }, { shape });
}
