import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Tensor } from '../../graph/graph.ts';
import type { Shape } from '../../graph/shape.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { binary } from '../../operators/elementwise.ts';
import { concat, reshape, slice } from '../../operators/layout.ts';
import { resolvePads, type LayerPadding } from '../../operators/padding.ts';
import { pool2d, type PoolAttributes } from '../../operators/pooling.ts';
import {
  buildActivation,
  buildMasking,
  buildProduct,
  buildScaling,
  buildSpatialMean,
} from './elementary-layers.ts';
import { channelsOf, type LayerContext, type Mode } from './layer-context.ts';
import { buildNorm, buildNormActivated, type Activated } from './norm-layers.ts';
import { SignalScale } from './signal-scale.ts';
import { buildSqueezeExcite, type SqueezeOptions } from './squeeze-excite.ts';
import { buildConv, buildDense, type ConvOptions } from './weighted-layers.ts';

export interface ActivatedConvOptions extends ConvOptions {
  /** In place of the variant's activation function. */
  readonly activation?: ActivationName;
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

/** The layers that networks are written in; norm, activation and padding are the variant's. */
export class NetworkBuilder implements LayerContext {
  readonly graph: GraphBuilder;
  readonly knobs: LayerContext['knobs'];
  readonly mode: Mode;
  readonly signal = new SignalScale();

  constructor(name: string, knobs: LayerContext['knobs'], mode: Mode) {
    this.graph = new GraphBuilder(name);
    this.knobs = knobs;
    this.mode = mode;
  }

  images(batch: number, resolution: number): Tensor {
    return this.graph.input('images', [batch, 3, resolution, resolution]);
  }

  build(logits: Tensor): Graph {
    return this.graph.build([logits]);
  }

  /** Convolution alone, as layer `name`. Input `[N, C, H, W]`. */
  conv(name: string, input: Tensor, options: ConvOptions): Tensor {
    return this.graph.layer(name, () => buildConv(this, 'conv', input, options));
  }

  /** Convolution and norm, no activation: the end of a residual branch. */
  convNorm(name: string, input: Tensor, options: ConvOptions): Tensor {
    return this.graph.layer(name, () => {
      const x = this.#convBeforeNorm(input, options);
      const { norm } = this.knobs;
      // No activation follows, so no proxy: the norm keeps its gain and drops its offset (study's code, §1.3).
      return buildNorm(this, 'norm', x, norm.proxy ? ['scale'] : ['scale', 'offset']);
    });
  }

  /** Convolution, norm, activation; with proxy norm, the proxy's scale is multiplied in at once. */
  convNormAct(name: string, input: Tensor, options: ActivatedConvOptions): Tensor {
    return this.graph.layer(name, () => {
      const { tensor, scale } = this.#convNormActivated(input, options);
      return scale ? buildProduct(this, 'rescale', tensor, scale) : tensor;
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
      const output = buildConv(this, 'conv', input, {
        ...options,
        bias: true,
        standardizedBy: options.gamma,
      });
      return this.signal.note(output, 1);
    });
  }

  /** Norm and activation in front of a convolution, as layer `name`. */
  normAct(name: string, input: Tensor): Tensor {
    return this.graph.layer(name, () => {
      const { tensor, scale } = buildNormActivated(this, input, this.knobs.activation);
      return scale ? buildProduct(this, 'rescale', tensor, scale) : tensor;
    });
  }

  /** The variant's activation function alone. */
  activate(name: string, input: Tensor): Tensor {
    return buildActivation(this, name, input, this.knobs.activation);
  }

  /** `input` times a number that is part of the network's definition. */
  times(name: string, input: Tensor, factor: number): Tensor {
    return buildScaling(this, name, input, factor);
  }

  /** A learned tensor that is `initial` everywhere at first, as layer `name`. */
  learned(name: string, shape: Shape, initial: number): Tensor {
    const tensor = this.graph.parameter(name, shape, { kind: 'constant', value: initial });
    return this.signal.note(tensor, initial ** 2);
  }

  /** Elementwise product of two tensors that broadcast. */
  multiply(name: string, left: Tensor, right: Tensor): Tensor {
    return buildProduct(this, name, left, right);
  }

  /** Squeeze-and-excite (Hu et al. 2018), as layer `name`; a proxy scale that was left over goes into the gate. */
  squeezeExcite(name: string, input: Activated, options: SqueezeOptions): Tensor {
    return buildSqueezeExcite(this, name, input, options);
  }

  /**
   * Stochastic depth (Huang et al. 2016): in training, a residual branch survives with a probability per image, and is
   * divided by it. The mask is fed in.
   */
  dropPath(branch: Tensor, survival: number): Tensor {
    if (this.mode === 'inference' || survival === 1) return branch;
    return buildMasking(this, 'dropPath', branch, { shape: [branch.shape[0]!, 1, 1, 1], keep: survival });
  }

  /** Dense layer with bias on rows `[R, C]`, as layer `name`. */
  dense(name: string, rows: Tensor, channels: number): Tensor {
    return this.graph.layer(name, () => buildDense(this, 'dense', rows, { channels, bias: true }));
  }

  /** Dropout: in training, each element survives with probability 1 − rate and is divided by it. The mask is fed in. */
  dropout(input: Tensor, rate: number): Tensor {
    if (this.mode === 'inference' || rate === 0) return input;
    return buildMasking(this, 'dropout', input, { shape: input.shape, keep: 1 - rate });
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
    const { function: kind, kernel, stride, padding = this.knobs.padding } = options;
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
          const { activation: act = this.knobs.activation } = hidden;
          return buildActivation(this, 'act', buildDense(this, 'dense', pooled, hidden), act);
        })
      : pooled;
    return this.logits(features, options);
  }

  /** Mean over all positions, as layer `name`: `[N, C, H, W]` → `[N, C]`. */
  globalMean(name: string, input: Tensor): Tensor {
    return this.graph.layer(name, () => {
      const mean = buildSpatialMean(this, 'mean', input);
      const shape = [input.shape[0] ?? 0, channelsOf(input)];
      const flat = this.graph.apply(reshape, 'flatten', { input: mean }, { shape });
      return this.signal.note(flat, this.signal.of(input));
    });
  }

  /** Dropout in training and a dense layer with bias: `[N, C]` → `[N, classes]`. */
  logits(features: Tensor, { classes, dropout }: Omit<ClassifierOptions, 'hidden'>): Tensor {
    return this.graph.layer('classifier', () =>
      buildDense(this, 'dense', this.dropout(features, dropout), { channels: classes, bias: true }),
    );
  }

  #convNormActivated(input: Tensor, options: ActivatedConvOptions): Activated {
    const x = this.#convBeforeNorm(input, options);
    return buildNormActivated(this, x, options.activation ?? this.knobs.activation);
  }

  /** A convolution that no norm follows needs a bias of its own. */
  #convBeforeNorm(input: Tensor, options: ConvOptions): Tensor {
    return buildConv(this, 'conv', input, { ...options, bias: this.knobs.norm.kind === 'none' });
  }
}
