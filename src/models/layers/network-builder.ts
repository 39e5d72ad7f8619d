import { EcfxError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Tensor } from '../../graph/graph.ts';
import { size, type Shape } from '../../graph/shape.ts';
import { activation, type ActivationName } from '../../operators/activation.ts';
import { conv2d } from '../../operators/convolution.ts';
import { binary } from '../../operators/elementwise.ts';
import { concat, reshape, slice, transpose } from '../../operators/layout.ts';
import { dense } from '../../operators/matrix-product.ts';
import { batchNorm, batchNormTraining, groupNorm, groupNormTraining } from '../../operators/normalization.ts';
import { meanTapsInside, resolvePads, type LayerPadding } from '../../operators/padding.ts';
import { pool2d, type PoolAttributes } from '../../operators/pooling.ts';
import { reduce } from '../../operators/reduction.ts';
import { weightStandardization } from '../../operators/weight-standardization.ts';
import { buildAffine, buildEvoNorm, type EvoNormKind } from './evonorm.ts';
import type { Knobs, Norm } from '../knobs.ts';
import { buildProxyNorm, proxyNorm } from './proxy-norm.ts';
import { activatedMoments, SignalScale, signalTarget } from './signal-scale.ts';

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Channels per group; absent means one group, a dense convolution. */
  readonly groupSize?: Knobs['groupSize'];
  readonly bias?: boolean;
  /** In place of the variant's padding rule. */
  readonly padding?: LayerPadding;
}

export interface ActivatedConvOptions extends ConvOptions {
  /** In place of the variant's activation function. */
  readonly activation?: ActivationName;
}

export interface SqueezeOptions {
  readonly hidden: number;
  /** Between the two convolutions, in place of the variant's. */
  readonly activation?: ActivationName;
  readonly gate?: 'sigmoid' | 'hard-sigmoid';
  /** A factor on the gate; 1 where nothing is said. */
  readonly gain?: number;
}

export interface StandardizedConvOptions extends ConvOptions {
  /** γ of the activation whose results it reads; 1 where it reads anything else. */
  readonly gamma: number;
}

export interface PoolOptions {
  readonly function: PoolAttributes['function'];
  readonly kernel: number;
  readonly stride: number;
  /** In place of the variant's padding rule. */
  readonly padding?: LayerPadding;
}

export interface ClassifierOptions {
  readonly classes: number;
  readonly dropout: number;
  /** A dense layer between the pooling and the dropout. */
  readonly hidden?: {
    readonly channels: number;
    readonly bias: boolean;
    /** In place of the variant's activation function. */
    readonly activation?: ActivationName;
  };
}

/** An activated tensor whose proxy scale (1/std) is still to be multiplied in; without proxy norm there is none. */
export interface Activated {
  readonly tensor: Tensor;
  readonly scale?: Tensor;
}

const zero = { kind: 'constant', value: 0 } as const;
const one = { kind: 'constant', value: 1 } as const;

/** Epsilon of every norm in the study's code (graphcore/examples @ 4dae8bae) and in TensorFlow's EfficientNet. */
const normEpsilon = 1e-3;

/** Of layer norm by position (facebookresearch/ConvNeXt, models/convnext.py). */
const layerNormEpsilon = 1e-6;

/** Under the root of weight standardization (deepmind/deepmind-research @ d8df4155, nfnets/base.py). */
const standardizationEpsilon = 1e-4;

/** Part of the running statistics of batch norm that a training step keeps (the study's code). */
const runningDecay = 0.97;

/** In training, norms use the batch's own statistics where they have any, and branches and features are dropped. */
export type Mode = 'inference' | 'training';

/** The layers that networks are written in; norm, activation and padding are the variant's. */
export class NetworkBuilder {
  readonly graph: GraphBuilder;
  readonly #knobs: Pick<Knobs, 'norm' | 'activation' | 'padding'>;
  readonly #mode: Mode;
  /** Expected mean squares, so that weights can be drawn to keep them; layers built elsewhere note theirs here. */
  readonly signal = new SignalScale();

  constructor(name: string, knobs: Pick<Knobs, 'norm' | 'activation' | 'padding'>, mode: Mode) {
    this.graph = new GraphBuilder(name);
    this.#knobs = knobs;
    this.#mode = mode;
  }

  images(batch: number, resolution: number): Tensor {
    return this.graph.input('images', [batch, 3, resolution, resolution]);
  }

  build(logits: Tensor): Graph {
    return this.graph.build([logits]);
  }

  /** Convolution alone, as layer `name`. Input `[N, C, H, W]`. */
  conv(name: string, input: Tensor, options: ConvOptions): Tensor {
    return this.graph.layer(name, () => this.#conv('conv', input, options));
  }

  /** Convolution and norm, no activation: the end of a residual branch. */
  convNorm(name: string, input: Tensor, options: ConvOptions): Tensor {
    return this.graph.layer(name, () => {
      const x = this.#convBeforeNorm(input, options);
      const { norm } = this.#knobs;
      // No activation follows, so no proxy: the norm keeps its gain and drops its offset (study's code, §1.3).
      return this.#norm('norm', x, norm.proxy ? ['scale'] : ['scale', 'offset']);
    });
  }

  /** Convolution, norm, activation; with proxy norm, the proxy's scale is multiplied in at once. */
  convNormAct(name: string, input: Tensor, options: ActivatedConvOptions): Tensor {
    return this.graph.layer(name, () => {
      const { tensor, scale } = this.#convNormActivated(input, options);
      return scale ? this.#multiply('rescale', tensor, scale) : tensor;
    });
  }

  /** Convolution, norm, activation, with the proxy's scale left to whoever consumes the result. */
  convNormActUnscaled(name: string, input: Tensor, options: ActivatedConvOptions): Activated {
    return this.graph.layer(name, () => this.#convNormActivated(input, options));
  }

  /**
   * Convolution with bias whose filter is standardized (Brock et al. 2021), as layer `name`: no norm follows, and none is
   * needed, because it keeps the variance of what it reads.
   */
  standardizedConv(name: string, input: Tensor, options: StandardizedConvOptions): Tensor {
    return this.graph.layer(name, () => {
      const output = this.#conv('conv', input, { ...options, bias: true, standardizedBy: options.gamma });
      return this.signal.note(output, 1);
    });
  }

  /** Norm and activation in front of a convolution, as layer `name`. */
  normAct(name: string, input: Tensor): Tensor {
    return this.graph.layer(name, () => {
      const { tensor, scale } = this.#normActivated(input, this.#knobs.activation);
      return scale ? this.#multiply('rescale', tensor, scale) : tensor;
    });
  }

  /** The variant's activation function alone. */
  activate(name: string, input: Tensor): Tensor {
    return this.#activate(name, input, this.#knobs.activation);
  }

  /** `input` times a number that is part of the network's definition. */
  times(name: string, input: Tensor, factor: number): Tensor {
    const right = this.graph.constant(`${name}.factor`, [1], Float64Array.of(factor));
    const product = this.graph.apply(binary, name, { left: input, right }, { function: 'multiply' });
    return this.signal.note(product, this.signal.of(input) * factor ** 2);
  }

  /** A learned tensor that is `initial` everywhere at first, as layer `name`. */
  learned(name: string, shape: Shape, initial: number): Tensor {
    const tensor = this.graph.parameter(name, shape, { kind: 'constant', value: initial });
    return this.signal.note(tensor, initial ** 2);
  }

  /** Elementwise product of two tensors that broadcast. */
  multiply(name: string, left: Tensor, right: Tensor): Tensor {
    return this.#multiply(name, left, right);
  }

  /**
   * Squeeze-and-excite (Hu et al. 2018): global mean, 1×1 to `hidden`, activation, 1×1 back, sigmoid, multiply.
   * Both 1×1 convolutions have a bias, and neither a norm nor proxy norm. A proxy scale that was left over is
   * multiplied into the gate: the squeeze sees the unscaled activation.
   */
  squeezeExcite(name: string, { tensor, scale }: Activated, options: SqueezeOptions): Tensor {
    const {
      hidden,
      activation: inner = this.#knobs.activation,
      gate: gateFunction = 'sigmoid',
      gain = 1,
    } = options;
    return this.graph.layer(name, () => {
      const channels = channelsOf(tensor);
      // The input's mean square is a safe bound for that of its mean over positions.
      const squeezed = this.signal.note(this.#spatialMean('squeeze', tensor), this.signal.of(tensor));
      const reduced = this.#conv('reduce', squeezed, { channels: hidden, kernel: 1, bias: true });
      const active = this.#activate('act', reduced, inner);
      const expanded = this.#conv('expand', active, { channels, kernel: 1, bias: true });
      // Positions differ, so their mean is small and the gates of an untrained network stand near ½.
      const gate = this.signal.note(this.#activate('gate', expanded, gateFunction), 0.25);
      const rescaledGate = scale ? this.#multiply('rescale', gate, scale) : gate;
      const scaledGate = gain === 1 ? rescaledGate : this.times('gain', rescaledGate, gain);
      return this.#multiply('excite', tensor, scaledGate);
    });
  }

  /**
   * Stochastic depth (Huang et al. 2016): in training, a residual branch survives with a probability per image, and is
   * divided by it. The mask is fed in.
   */
  dropPath(branch: Tensor, survival: number): Tensor {
    if (this.#mode === 'inference' || survival === 1) return branch;
    const mask = this.#mask('dropPath', [branch.shape[0]!, 1, 1, 1], survival);
    const dropped = this.#multiply('dropPath', branch, mask);
    return this.signal.note(dropped, this.signal.of(branch));
  }

  /** The channels of every position as a row: `[N, C, H, W]` → `[N·H·W, C]`. */
  toRows(name: string, input: Tensor): Tensor {
    const channels = channelsOf(input);
    return this.graph.layer(name, () => {
      const last = this.graph.apply(transpose, 'channelsLast', { input }, { permutation: [0, 2, 3, 1] });
      const shape = [size(input.shape) / channels, channels];
      return this.signal.note(
        this.graph.apply(reshape, 'rows', { input: last }, { shape }),
        this.signal.of(input),
      );
    });
  }

  /** The inverse of `toRows` for images `[N, H, W]`, with as many channels as the rows have. */
  fromRows(name: string, rows: Tensor, [batch, height, width]: readonly [number, number, number]): Tensor {
    return this.graph.layer(name, () => {
      const shape = [batch, height, width, rows.shape[1]!];
      const last = this.graph.apply(reshape, 'images', { input: rows }, { shape });
      const input = { input: last };
      const image = this.graph.apply(transpose, 'channelsFirst', input, { permutation: [0, 3, 1, 2] });
      return this.signal.note(image, this.signal.of(rows));
    });
  }

  /** Layer norm of each row of `[R, C]` with scale and offset, whatever the variant's norm, as layer `name`. */
  layerNorm(name: string, rows: Tensor): Tensor {
    return this.graph.layer(name, () => {
      // A row is an image of one position, and its layer norm a group norm with one group.
      const [count, channels] = rows.shape as [number, number];
      const input = this.graph.apply(reshape, 'view', { input: rows }, { shape: [count, channels, 1, 1] });
      const scale = this.graph.parameter('norm.scale', [channels], one);
      const offset = this.graph.parameter('norm.offset', [channels], zero);
      const operator = this.#mode === 'inference' ? groupNorm : groupNormTraining;
      const attributes = { groups: 1, epsilon: layerNormEpsilon };
      const normalized = this.graph.apply(operator, 'norm', { input, scale, offset }, attributes);
      return this.graph.apply(reshape, 'rows', { input: normalized }, { shape: rows.shape });
    });
  }

  /** Dense layer with bias on rows `[R, C]`, as layer `name`. */
  dense(name: string, rows: Tensor, channels: number): Tensor {
    return this.graph.layer(name, () => this.#dense('dense', rows, { channels, bias: true }));
  }

  /** Dropout: in training, each element survives with probability 1 − rate and is divided by it. The mask is fed in. */
  dropout(input: Tensor, rate: number): Tensor {
    if (this.#mode === 'inference' || rate === 0) return input;
    return this.#multiply('dropout', input, this.#mask('dropout', input.shape, 1 - rate));
  }

  /** Residual sum. */
  add(input: Tensor, branch: Tensor): Tensor {
    const sum = this.graph.apply(binary, 'add', { left: input, right: branch }, { function: 'add' });
    return this.signal.note(sum, this.signal.of(input) + this.signal.of(branch));
  }

  /** Residual sum and the activation after it. */
  addAct(input: Tensor, branch: Tensor): Tensor {
    const sum = this.add(input, branch);
    // What was activated before passes whole: only what the branch adds can be cut.
    return this.signal.note(this.activate('act', sum), this.signal.of(sum));
  }

  /** Maximum or mean of each window, as layer `name`. */
  pool(name: string, input: Tensor, options: PoolOptions): Tensor {
    const { function: kind, kernel, stride, padding = this.#knobs.padding } = options;
    const [, , height = 0, width = 0] = input.shape;
    const pads = resolvePads(padding, [height, width], kernel, stride);
    const window = { kernel: [kernel, kernel], stride, dilation: 1, pads } as const;
    return this.graph.layer(name, () => {
      const output = this.graph.apply(pool2d, 'pool', { input }, { function: kind, window });
      // Safe for a mean, and near enough for a maximum.
      return this.signal.note(output, this.signal.of(input));
    });
  }

  /** Channels side by side, in the order given. */
  concat(name: string, parts: readonly Tensor[]): Tensor {
    const operands = Object.fromEntries(parts.map((part, index) => [`part${index + 1}`, part]));
    const joined = this.graph.apply(concat, name, operands, { axis: 1 });
    const power = parts.reduce((sum, part) => sum + channelsOf(part) * this.signal.of(part), 0);
    return this.signal.note(joined, power / channelsOf(joined));
  }

  /** The first `channels` channels. */
  firstChannels(name: string, input: Tensor, channels: number): Tensor {
    if (channels === channelsOf(input)) return input;
    const part = this.graph.apply(slice, name, { input }, { axis: 1, start: 0, end: channels });
    return this.signal.note(part, this.signal.of(input));
  }

  /**
   * Mean over all positions, a hidden layer where there is one, dropout in training, a dense layer with bias:
   * `[N, C, H, W]` → `[N, classes]`.
   */
  classifier(input: Tensor, { hidden, ...options }: ClassifierOptions): Tensor {
    const pooled = this.globalMean('pool', input);
    const features = hidden
      ? this.graph.layer('hidden', () => {
          const { activation: act = this.#knobs.activation } = hidden;
          return this.#activate('act', this.#dense('dense', pooled, hidden), act);
        })
      : pooled;
    return this.logits(features, options);
  }

  /** Mean over all positions, as layer `name`: `[N, C, H, W]` → `[N, C]`. */
  globalMean(name: string, input: Tensor): Tensor {
    return this.graph.layer(name, () => {
      const mean = this.#spatialMean('mean', input);
      const shape = [input.shape[0] ?? 0, channelsOf(input)];
      const flat = this.graph.apply(reshape, 'flatten', { input: mean }, { shape });
      return this.signal.note(flat, this.signal.of(input));
    });
  }

  /** Dropout in training and a dense layer with bias: `[N, C]` → `[N, classes]`. */
  logits(features: Tensor, { classes, dropout }: Omit<ClassifierOptions, 'hidden'>): Tensor {
    return this.graph.layer('classifier', () =>
      this.#dense('dense', this.dropout(features, dropout), { channels: classes, bias: true }),
    );
  }

  #convNormActivated(input: Tensor, options: ActivatedConvOptions): Activated {
    const x = this.#convBeforeNorm(input, options);
    return this.#normActivated(x, options.activation ?? this.#knobs.activation);
  }

  #normActivated(x: Tensor, act: ActivationName): Activated {
    const { norm } = this.#knobs;
    if (norm.kind === 'evonorm-b0' || norm.kind === 'evonorm-s0')
      return { tensor: this.#evoNorm('norm', x, norm.kind) };
    if (!norm.proxy)
      return { tensor: this.#activate('act', this.#norm('norm', x, ['scale', 'offset']), act) };
    const normalized = this.#norm('norm', x, []);
    const { centred, scale } = buildProxyNorm(this.graph, normalized, act);
    const { mean, variance } = activatedMoments(act, 1);
    this.signal.note(centred, activatedMoments(act, this.signal.of(normalized), mean).meanSquare);
    this.signal.note(scale, 1 / (variance + proxyNorm.epsilon));
    return { tensor: centred, scale };
  }

  /** A convolution that no norm follows needs a bias of its own. */
  #convBeforeNorm(input: Tensor, options: ConvOptions): Tensor {
    return this.#conv('conv', input, { ...options, bias: this.#knobs.norm.kind === 'none' });
  }

  #conv(name: string, input: Tensor, options: ConvOptions & { standardizedBy?: number }): Tensor {
    const {
      channels,
      kernel,
      stride = 1,
      groupSize = 'dense',
      bias = false,
      padding = this.#knobs.padding,
      standardizedBy,
    } = options;
    const [, inputChannels = 0, height = 0, width = 0] = input.shape;
    const groups = groupsOf(inputChannels, groupSize, input.name);
    const channelsPerGroup = inputChannels / groups;
    const pads = resolvePads(padding, [height, width], kernel, stride);
    const taps = meanTapsInside([height, width], { kernel: [kernel, kernel], stride, dilation: 1, pads });
    const filter = this.graph.parameter(`${name}.filter`, [channels, channelsPerGroup, kernel, kernel], {
      kind: 'uniform',
      rootMeanSquare: this.signal.weightScale(input, channelsPerGroup * taps),
    });
    const operands = {
      input,
      filter: standardizedBy === undefined ? filter : this.#standardized(name, filter, standardizedBy),
      ...(bias && { bias: this.graph.parameter(`${name}.bias`, [channels], zero) }),
    };
    const output = this.graph.apply(conv2d, name, operands, { stride, dilation: 1, groups, pads });
    return this.signal.note(output, signalTarget);
  }

  #standardized(name: string, filter: Tensor, gamma: number): Tensor {
    const gain = this.graph.parameter(`${name}.gain`, [filter.shape[0]!], one);
    const attributes = { gamma, epsilon: standardizationEpsilon };
    return this.graph.apply(weightStandardization, `${name}.standardized`, { filter, gain }, attributes);
  }

  /** Dense layer on `[N, C]`. */
  #dense(
    name: string,
    input: Tensor,
    options: { readonly channels: number; readonly bias: boolean },
  ): Tensor {
    const { channels, bias } = options;
    const [, fanIn = 0] = input.shape;
    const rootMeanSquare = this.signal.weightScale(input, fanIn);
    const operands = {
      input,
      weight: this.graph.parameter(`${name}.weight`, [channels, fanIn], { kind: 'uniform', rootMeanSquare }),
      ...(bias && { bias: this.graph.parameter(`${name}.bias`, [channels], zero) }),
    };
    return this.signal.note(this.graph.apply(dense, name, operands, {}), signalTarget);
  }

  #norm(name: string, input: Tensor, affine: readonly ('scale' | 'offset')[]): Tensor {
    const { norm } = this.#knobs;
    if (norm.kind === 'none') return input;
    if (norm.kind === 'evonorm-b0' || norm.kind === 'evonorm-s0') {
      const output = this.graph.layer(name, () => buildAffine(this.graph, input));
      return this.signal.note(output, this.signal.of(input));
    }
    const channels = channelsOf(input);
    const vector = [channels];
    const start = { scale: one, offset: zero };
    const learned = Object.fromEntries(
      affine.map((operand) => [operand, this.graph.parameter(`${name}.${operand}`, vector, start[operand])]),
    );
    if (norm.kind === 'batch') {
      const mean = this.graph.buffer(`${name}.mean`, vector, zero);
      const variance = this.graph.buffer(`${name}.variance`, vector, one);
      if (this.#mode === 'inference') {
        const operands = { input, ...learned, mean, variance };
        const output = this.graph.apply(batchNorm, name, operands, { epsilon: normEpsilon });
        return this.signal.note(output, this.signal.of(input));
      }
      const operands = { input, ...learned, runningMean: mean, runningVariance: variance };
      const attributes = { epsilon: normEpsilon, decay: runningDecay };
      const [output, , , nextMean, nextVariance] = this.graph.applyAll(
        batchNormTraining,
        name,
        operands,
        attributes,
      );
      this.graph.update(mean, nextMean!);
      this.graph.update(variance, nextVariance!);
      return output!;
    }
    // At most one group per channel, as in the study's code.
    const groups = Math.min(normGroups(norm, channels), channels);
    const operator = this.#mode === 'inference' ? groupNorm : groupNormTraining;
    return this.graph.apply(operator, name, { input, ...learned }, { groups, epsilon: normEpsilon });
  }

  /** Norm and activation in one. */
  #evoNorm(name: string, input: Tensor, kind: EvoNormKind): Tensor {
    const training = this.#mode === 'training';
    const output = this.graph.layer(name, () => buildEvoNorm(this.graph, kind, input, { training }));
    const power = this.signal.of(input);
    if (kind === 'evonorm-s0')
      return this.signal.note(output, activatedMoments('swish', power).meanSquare / power);
    // B0 of a normal variable has a mean square of 0.6; the running variance starts at 1 and changes nothing.
    return this.signal.note(output, training ? 0.6 : power);
  }

  #mask(name: string, shape: readonly number[], keep: number): Tensor {
    return this.graph.scopedInput(`${name}Mask`, shape, { kind: 'mask', keep });
  }

  #activate(name: string, input: Tensor, act: ActivationName): Tensor {
    const output = this.graph.apply(activation, name, { input }, { function: act });
    return this.signal.note(output, activatedMoments(act, this.signal.of(input)).meanSquare);
  }

  #multiply(name: string, left: Tensor, right: Tensor): Tensor {
    const product = this.graph.apply(binary, name, { left, right }, { function: 'multiply' });
    return this.signal.note(product, this.signal.of(left) * this.signal.of(right));
  }

  #spatialMean(name: string, input: Tensor): Tensor {
    return this.graph.apply(reduce, name, { input }, { function: 'mean', axes: [2, 3] });
  }
}

export function channelsOf(tensor: Tensor): number {
  return tensor.shape[1] ?? 0;
}

function normGroups(norm: Norm, channels: number): number {
  switch (norm.kind) {
    case 'group':
      return norm.groups ?? 1;
    case 'instance':
      return channels;
    default:
      return 1;
  }
}

/**
 * Groups of a group convolution, as in the study's code: max(1, ⌊C/G⌋); channels are not rounded to fit.
 * Throws `EcfxError` (usage) when that many groups do not divide the channels.
 */
function groupsOf(channels: number, groupSize: Knobs['groupSize'], where: string): number {
  if (groupSize === 'dense') return 1;
  const groups = Math.max(1, Math.floor(channels / groupSize));
  if (channels % groups !== 0) {
    throw new EcfxError(
      'usage',
      `group size ${groupSize} does not fit: the ${channels} channels after ${where} do not divide into ⌊${channels}/${groupSize}⌋ = ${groups} groups`,
      { suggestions: ['Use a group size that divides the channels, such as 1, 4, 8 or 16.'] },
    );
  }
  return groups;
}
