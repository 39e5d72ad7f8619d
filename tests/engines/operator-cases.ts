import type { GraphBuilder } from '../../src/graph/builder.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import { formatShape } from '../../src/graph/shape.ts';
import { activation, activationGradient, activationNames } from '../../src/operators/activation.ts';
import { broadcast, sumTo } from '../../src/operators/broadcasting.ts';
import { conv2dFilterGradient, conv2dInputGradient } from '../../src/operators/convolution-gradients.ts';
import { conv2d, type Conv2dAttributes } from '../../src/operators/convolution.ts';
import {
  binary,
  binaryFunctions,
  unary,
  unaryFunctions,
  type BinaryFunction,
  type UnaryName,
} from '../../src/operators/elementwise.ts';
import { concat, reshape, slice, transpose } from '../../src/operators/layout.ts';
import { softmaxCrossEntropy, softmaxCrossEntropyGradient } from '../../src/operators/loss.ts';
import { dense, matmul } from '../../src/operators/matrix-product.ts';
import {
  batchNorm,
  batchNormGradient,
  batchNormTraining,
  groupNorm,
  groupNormGradient,
  groupNormTraining,
} from '../../src/operators/normalization.ts';
import { adamUpdate, rmspropUpdate, sgdUpdate } from '../../src/operators/optimizers.ts';
import {
  noPads,
  resolvePads,
  windowOutput,
  type PaddingRule,
  type Window,
} from '../../src/operators/padding.ts';
import { pool2d, pool2dGradient } from '../../src/operators/pooling.ts';
import { reduce, softmax } from '../../src/operators/reduction.ts';
import { weightStandardization } from '../../src/operators/weight-standardization.ts';

/** One application of an operator, whose results every engine compares with the reference's. */
export interface OperatorCase {
  readonly name: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly positive?: readonly string[];
  readonly body: (graph: GraphBuilder, inputs: Record<string, Tensor>) => Tensor | readonly Tensor[];
}

/** The named inputs, which every case has by construction. */
const pick = <Name extends string>(inputs: Record<string, Tensor>, ...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, inputs[name]])) as Record<Name, Tensor>;

const convolutions: OperatorCase[] = [
  { kernel: 3, stride: 1, dilation: 1, groups: 1, rule: 'same' as const, side: [7, 6] as const },
  { kernel: 3, stride: 2, dilation: 1, groups: 8, rule: 'same' as const, side: [8, 7] as const },
  { kernel: 5, stride: 2, dilation: 1, groups: 2, rule: 'symmetric' as const, side: [9, 8] as const },
  { kernel: 3, stride: 1, dilation: 2, groups: 4, rule: 'symmetric' as const, side: [7, 7] as const },
  { kernel: 1, stride: 1, dilation: 1, groups: 1, rule: 'same' as const, side: [5, 5] as const },
].map(({ kernel, stride, dilation, groups, rule, side }) => ({
  name: `conv2d ${kernel}×${kernel} stride ${stride} dilation ${dilation} groups ${groups} ${rule}`,
  shapes: { input: [2, 8, ...side], filter: [16, 8 / groups, kernel, kernel], bias: [16] },
  body: (graph, inputs) =>
    graph.apply(conv2d, 'y', pick(inputs, 'input', 'filter', 'bias'), {
      stride,
      dilation,
      groups,
      pads: resolvePads(rule, side, kernel, stride, dilation),
    }),
}));

const image = [2, 8, 5, 4];
const perChannel = { scale: [8], offset: [8] };

const affineChoices = [[], ['scale'], ['offset'], ['scale', 'offset']] as const;

interface Geometry extends Conv2dAttributes {
  readonly name: string;
  readonly kernel: readonly [number, number];
  readonly side: readonly [number, number];
  readonly channels?: number;
  readonly filters?: number;
}

const unpadded = { stride: 1, dilation: 1, groups: 1, pads: noPads };
const oneSided = { before: [0, 1], after: [2, 0] } as const;

const geometries: Geometry[] = [
  { ...unpadded, name: 'dense', kernel: [3, 3], side: [7, 6], filters: 4 },
  { ...unpadded, name: 'pointwise', kernel: [1, 1], side: [4, 3], filters: 12 },
  { ...unpadded, name: 'pointwise, stride 2', kernel: [1, 1], side: [5, 6], stride: 2 },
  {
    ...unpadded,
    name: 'depthwise, same',
    kernel: [3, 3],
    side: [7, 7],
    groups: 8,
    pads: resolvePads('same', [7, 7], 3, 1),
  },
  {
    ...unpadded,
    name: 'depthwise, stride 2, same on even sides',
    kernel: [5, 5],
    side: [8, 6],
    stride: 2,
    groups: 8,
    pads: resolvePads('same', [8, 6], 5, 2),
  },
  {
    ...unpadded,
    name: 'grouped, stride 2, symmetric',
    kernel: [5, 5],
    side: [9, 8],
    stride: 2,
    groups: 2,
    filters: 6,
    pads: resolvePads('symmetric', [9, 8], 5, 2),
  },
  {
    ...unpadded,
    name: 'grouped, dilated',
    kernel: [3, 3],
    side: [7, 8],
    dilation: 2,
    groups: 4,
    pads: resolvePads('symmetric', [7, 8], 3, 1, 2),
  },
  {
    ...unpadded,
    name: 'stride 2 and dilated, one-sided',
    kernel: [3, 3],
    side: [8, 7],
    stride: 2,
    dilation: 2,
    pads: oneSided,
  },
  { ...unpadded, name: 'rows and columns left over', kernel: [3, 3], side: [8, 6], stride: 2, groups: 2 },
  {
    ...unpadded,
    name: 'stride 3 past a kernel of 2',
    kernel: [2, 2],
    side: [8, 7],
    stride: 3,
    pads: oneSided,
  },
  { ...unpadded, name: 'kernel 1×3', kernel: [1, 3], side: [4, 5], pads: oneSided },
  // As networks have them at resolutions that no stride divides: other kernels than on small maps, with rests of tiles.
  strided('stem on 33×45', { kernel: 3, side: [33, 45], channels: 3, filters: 16, rule: 'same' }),
  strided('7×7 stem on 57×33', { kernel: 7, side: [57, 33], channels: 3, filters: 16, rule: 'symmetric' }),
  strided('depthwise on 45×57', { kernel: 3, side: [45, 57], channels: 16, groups: 16, rule: 'symmetric' }),
  strided('depthwise 5×5 on 57×45', { kernel: 5, side: [57, 45], channels: 16, groups: 16, rule: 'same' }),
  strided('groups of 16 on 33×45', { kernel: 3, side: [33, 45], channels: 32, groups: 2, rule: 'same' }),
  strided('groups of 16, 5×5 on 45×33', {
    kernel: 5,
    side: [45, 33],
    channels: 32,
    groups: 2,
    rule: 'symmetric',
  }),
  strided('pointwise on 45×33', { kernel: 1, side: [45, 33], channels: 16, filters: 40, rule: 'same' }),
];

function strided(
  name: string,
  of: {
    readonly kernel: number;
    readonly side: readonly [number, number];
    readonly channels: number;
    readonly filters?: number;
    readonly groups?: number;
    readonly rule: PaddingRule;
  },
): Geometry {
  const { kernel, side, channels, filters = channels, groups = 1, rule } = of;
  const pads = resolvePads(rule, side, kernel, 2);
  return {
    name: `${name}, stride 2, ${rule}`,
    kernel: [kernel, kernel],
    side,
    channels,
    filters,
    ...{ stride: 2, dilation: 1, groups, pads },
  };
}

const poolings: (Window & { name: string; side: [number, number] })[] = [
  {
    name: 'symmetric',
    side: [7, 6],
    kernel: [3, 3],
    stride: 2,
    dilation: 1,
    pads: resolvePads('symmetric', [7, 6], 3, 2),
  },
  {
    name: 'same',
    side: [6, 6],
    kernel: [3, 3],
    stride: 2,
    dilation: 1,
    pads: resolvePads('same', [6, 6], 3, 2),
  },
  ...(['same', 'symmetric'] as const).map((rule) => ({
    name: `${rule} on 33×45`,
    side: [33, 45] as [number, number],
    kernel: [3, 3] as const,
    stride: 2,
    dilation: 1,
    pads: resolvePads(rule, [33, 45], 3, 2),
  })),
  { name: 'a column left over', side: [6, 7], kernel: [2, 2], stride: 2, dilation: 1, pads: noPads },
  { name: 'overlapping', side: [5, 5], kernel: [3, 2], stride: 1, dilation: 1, pads: noPads },
];

export const operatorCases: readonly OperatorCase[] = [
  ...convolutions,
  {
    name: 'dense',
    shapes: { input: [3, 5], weight: [7, 5], bias: [7] },
    body: (graph, inputs) => graph.apply(dense, 'y', pick(inputs, 'input', 'weight', 'bias'), {}),
  },
  {
    name: 'matmul, broadcast',
    shapes: { left: [2, 1, 3, 4], right: [5, 4, 6] },
    body: (graph, inputs) => graph.apply(matmul, 'y', pick(inputs, 'left', 'right'), {}),
  },
  {
    name: 'batchNorm',
    shapes: { input: image, ...perChannel, mean: [8], variance: [8] },
    positive: ['variance'],
    body: (graph, inputs) =>
      graph.apply(batchNorm, 'y', pick(inputs, 'input', 'scale', 'offset', 'mean', 'variance'), {
        epsilon: 1e-3,
      }),
  },
  {
    name: 'batchNorm without affine',
    shapes: { input: image, mean: [8], variance: [8] },
    positive: ['variance'],
    body: (graph, inputs) =>
      graph.apply(batchNorm, 'y', pick(inputs, 'input', 'mean', 'variance'), { epsilon: 1e-3 }),
  },
  ...[1, 4, 8].flatMap((groups): OperatorCase[] => [
    {
      name: `groupNorm in ${groups} groups`,
      shapes: { input: image, ...perChannel },
      body: (graph, inputs) =>
        graph.apply(groupNorm, 'y', pick(inputs, 'input', 'scale', 'offset'), { groups, epsilon: 1e-3 }),
    },
    {
      name: `groupNorm in ${groups} groups without affine`,
      shapes: { input: image },
      body: (graph, inputs) => graph.apply(groupNorm, 'y', pick(inputs, 'input'), { groups, epsilon: 1e-3 }),
    },
    {
      name: `groupNorm in ${groups} groups with scale only`,
      shapes: { input: image, scale: [8] },
      body: (graph, inputs) =>
        graph.apply(groupNorm, 'y', pick(inputs, 'input', 'scale'), { groups, epsilon: 1e-3 }),
    },
  ]),
  ...[1e-4, 100].map((epsilon): OperatorCase => ({
    name: `weightStandardization, at least ${epsilon}`,
    shapes: { filter: [6, 4, 3, 3], gain: [6] },
    body: (graph, inputs) =>
      graph.apply(weightStandardization, 'y', pick(inputs, 'filter', 'gain'), { gamma: 1.7, epsilon }),
  })),
  ...activationNames.map((name): OperatorCase => ({
    name: `activation ${name}`,
    shapes: { input: [200] },
    body: (graph, inputs) => {
      const three = graph.constant('three', [1], Float64Array.of(3));
      const wide = graph.apply(
        binary,
        'wide',
        { ...pick(inputs), left: pick(inputs, 'input').input, right: three },
        { function: 'multiply' },
      );
      return graph.apply(activation, 'y', { input: wide }, { function: name });
    },
  })),
  ...(Object.keys(unaryFunctions) as UnaryName[]).map((name): OperatorCase => ({
    name: `unary ${name}`,
    shapes: { input: [50] },
    positive: ['input'],
    body: (graph, inputs) => graph.apply(unary, 'y', pick(inputs, 'input'), { function: name }),
  })),
  ...(Object.keys(binaryFunctions) as BinaryFunction[]).map((name): OperatorCase => ({
    name: `binary ${name}, broadcast`,
    shapes: { left: [2, 3, 1, 4], right: [3, 5, 1] },
    positive: ['right'],
    body: (graph, inputs) => graph.apply(binary, 'y', pick(inputs, 'left', 'right'), { function: name }),
  })),
  {
    name: 'pool2d max, dilated',
    shapes: { input: [1, 2, 7, 8] },
    body: (graph, inputs) =>
      graph.apply(pool2d, 'y', pick(inputs, 'input'), {
        function: 'max',
        window: { kernel: [3, 2], stride: 1, dilation: 2, pads: noPads },
      }),
  },
  {
    name: 'pool2d average, not padded',
    shapes: { input: [1, 2, 6, 6] },
    body: (graph, inputs) =>
      graph.apply(pool2d, 'y', pick(inputs, 'input'), {
        function: 'average',
        window: { kernel: [2, 2], stride: 2, dilation: 1, pads: noPads },
      }),
  },
  ...(['sum', 'mean', 'max'] as const).flatMap((kind) =>
    [[2, 3], [0], [1, 3], []].map((axes): OperatorCase => ({
      name: `reduce ${kind} over ${axes.length === 0 ? 'nothing' : axes.join(' and ')}`,
      shapes: { input: image },
      body: (graph, inputs) => graph.apply(reduce, 'y', pick(inputs, 'input'), { function: kind, axes }),
    })),
  ),
  {
    name: 'softmax',
    shapes: { input: [3, 4, 5] },
    body: (graph, inputs) => graph.apply(softmax, 'y', pick(inputs, 'input'), { axis: 1 }),
  },
  {
    name: 'reshape',
    shapes: { input: [3, 4, 5] },
    body: (graph, inputs) => graph.apply(reshape, 'y', pick(inputs, 'input'), { shape: [6, 10] }),
  },
  {
    name: 'transpose',
    shapes: { input: [2, 3, 4, 5] },
    body: (graph, inputs) =>
      graph.apply(transpose, 'y', pick(inputs, 'input'), { permutation: [2, 0, 3, 1] }),
  },
  {
    name: 'concat',
    shapes: { first: [2, 3, 4], second: [2, 1, 4], third: [2, 2, 4] },
    body: (graph, inputs) => graph.apply(concat, 'y', pick(inputs, 'first', 'second', 'third'), { axis: 1 }),
  },
  {
    name: 'slice',
    shapes: { input: [3, 6, 2] },
    body: (graph, inputs) => graph.apply(slice, 'y', pick(inputs, 'input'), { axis: 1, start: 2, end: 5 }),
  },
  {
    name: 'broadcast',
    shapes: { input: [3, 1] },
    body: (graph, inputs) => graph.apply(broadcast, 'y', pick(inputs, 'input'), { shape: [2, 3, 4] }),
  },
  ...[[3, 1], [1, 1, 4], [2, 1, 1], [4], [1], []].map((shape): OperatorCase => ({
    name: `sumTo ${formatShape(shape)}`,
    shapes: { input: [2, 3, 4] },
    body: (graph, inputs) => graph.apply(sumTo, 'y', pick(inputs, 'input'), { shape }),
  })),
  ...geometries.flatMap(({ name, kernel, side, channels = 8, filters = 8, ...geometry }): OperatorCase[] => {
    const input = [2, channels, ...side];
    const filter = [filters, channels / geometry.groups, ...kernel];
    const [output] = conv2d.shapes({ input, filter }, geometry);
    return [
      {
        name: `conv2d ${name}`,
        shapes: { input, filter },
        body: (graph, inputs) => graph.apply(conv2d, 'y', pick(inputs, 'input', 'filter'), geometry),
      },
      {
        name: `conv2dInputGradient ${name}`,
        shapes: { outputGradient: output!, filter },
        body: (graph, inputs) =>
          graph.apply(conv2dInputGradient, 'y', pick(inputs, 'outputGradient', 'filter'), {
            ...geometry,
            inputShape: input,
          }),
      },
      {
        name: `conv2dFilterGradient ${name}`,
        shapes: { input, outputGradient: output! },
        body: (graph, inputs) =>
          graph.apply(conv2dFilterGradient, 'y', pick(inputs, 'input', 'outputGradient'), {
            ...geometry,
            filterShape: filter,
          }),
      },
    ];
  }),
  ...affineChoices.flatMap((affine): OperatorCase[] => {
    const vectors = Object.fromEntries(affine.map((name) => [name, [8]]));
    const called = affine.length === 0 ? 'without affine' : `with ${affine.join(' and ')}`;
    return [
      {
        name: `batchNormTraining ${called}`,
        shapes: { input: image, ...vectors, runningMean: [8], runningVariance: [8] },
        positive: ['runningVariance'],
        body: (graph, inputs) =>
          graph.applyAll(
            batchNormTraining,
            'y',
            pick(inputs, 'input', ...affine, 'runningMean', 'runningVariance'),
            { epsilon: 1e-3, decay: 0.9 },
          ),
      },
      ...[1, 4, 8].map((groups): OperatorCase => ({
        name: `groupNormTraining in ${groups} groups ${called}`,
        shapes: { input: image, ...vectors },
        body: (graph, inputs) =>
          graph.applyAll(groupNormTraining, 'y', pick(inputs, 'input', ...affine), { groups, epsilon: 1e-3 }),
      })),
    ];
  }),
  ...([[], ['scale']] as const).flatMap((affine): OperatorCase[] => {
    const vectors = Object.fromEntries(affine.map((name) => [name, [8]]));
    const operands = ['outputGradient', 'input', 'mean', 'inverseDeviation', ...affine] as const;
    const shapes = { outputGradient: image, input: image, ...vectors };
    const called = affine.length === 0 ? '' : ' with scale';
    return [
      {
        name: `batchNormGradient${called}`,
        shapes: { ...shapes, mean: [8], inverseDeviation: [8] },
        positive: ['inverseDeviation'],
        body: (graph, inputs) => graph.applyAll(batchNormGradient, 'y', pick(inputs, ...operands), {}),
      },
      ...[1, 4, 8].map((groups): OperatorCase => ({
        name: `groupNormGradient in ${groups} groups${called}`,
        shapes: { ...shapes, mean: [2, groups], inverseDeviation: [2, groups] },
        positive: ['inverseDeviation'],
        body: (graph, inputs) =>
          graph.applyAll(groupNormGradient, 'y', pick(inputs, ...operands), { groups, epsilon: 1e-3 }),
      })),
    ];
  }),
  ...activationNames.map((name): OperatorCase => ({
    name: `activationGradient ${name}`,
    shapes: { input: [200], outputGradient: [200] },
    body: (graph, inputs) => {
      const { input, outputGradient } = pick(inputs, 'input', 'outputGradient');
      const right = graph.constant('three', [1], Float64Array.of(3));
      const wide = graph.apply(binary, 'wide', { left: input, right }, { function: 'multiply' });
      return graph.apply(activationGradient, 'y', { input: wide, outputGradient }, { function: name });
    },
  })),
  ...(['max', 'average'] as const).flatMap((kind) =>
    poolings.flatMap(({ name, side, ...window }): OperatorCase[] => [
      {
        name: `pool2d ${kind}, ${name}`,
        shapes: { input: [2, 3, ...side] },
        body: (graph, inputs) => graph.apply(pool2d, 'y', pick(inputs, 'input'), { function: kind, window }),
      },
      {
        name: `pool2dGradient ${kind}, ${name}`,
        shapes: {
          input: [2, 3, ...side],
          outputGradient: [2, 3, ...windowOutput(side, window)],
        },
        body: (graph, inputs) =>
          graph.apply(pool2dGradient, 'y', pick(inputs, 'input', 'outputGradient'), {
            function: kind,
            window,
          }),
      },
    ]),
  ),
  {
    name: 'pool2dGradient max, of which several are equal',
    shapes: { input: [2, 3, 6, 6], outputGradient: [2, 3, 3, 3] },
    body: (graph, inputs) => {
      const { input, outputGradient } = pick(inputs, 'input', 'outputGradient');
      const halfZero = graph.apply(activation, 'halfZero', { input }, { function: 'relu' });
      const window = {
        kernel: [3, 3] as const,
        stride: 2,
        dilation: 1,
        pads: resolvePads('same', [6, 6], 3, 2),
      };
      return graph.apply(
        pool2dGradient,
        'y',
        { input: halfZero, outputGradient },
        { function: 'max', window },
      );
    },
  },
  {
    name: 'softmaxCrossEntropy',
    shapes: { logits: [4, 9], labels: [4, 9] },
    positive: ['labels'],
    body: (graph, inputs) => graph.apply(softmaxCrossEntropy, 'y', pick(inputs, 'logits', 'labels'), {}),
  },
  {
    name: 'softmaxCrossEntropyGradient',
    shapes: { logits: [4, 9], labels: [4, 9] },
    positive: ['labels'],
    body: (graph, inputs) =>
      graph.apply(softmaxCrossEntropyGradient, 'y', pick(inputs, 'logits', 'labels'), {}),
  },
  ...[0, 0.01].flatMap((weightDecay): OperatorCase[] => {
    const shape = [3, 5];
    const momentum = 0.9;
    const called = weightDecay === 0 ? '' : ' with weight decay';
    return [
      {
        name: `sgdUpdate${called}`,
        shapes: { parameter: shape, gradient: shape, velocity: shape, learningRate: [] },
        body: (graph, inputs) =>
          graph.applyAll(sgdUpdate, 'y', pick(inputs, 'parameter', 'gradient', 'velocity', 'learningRate'), {
            momentum,
            weightDecay,
          }),
      },
      {
        name: `rmspropUpdate${called}`,
        shapes: { parameter: shape, gradient: shape, meanSquare: shape, velocity: shape, learningRate: [] },
        positive: ['meanSquare'],
        body: (graph, inputs) =>
          graph.applyAll(
            rmspropUpdate,
            'y',
            pick(inputs, 'parameter', 'gradient', 'meanSquare', 'velocity', 'learningRate'),
            { momentum, weightDecay, decay: 0.95, epsilon: 1e-3 },
          ),
      },
      {
        name: `adamUpdate${called}`,
        shapes: {
          parameter: shape,
          gradient: shape,
          mean: shape,
          meanSquare: shape,
          stepSize: [],
          learningRate: [],
        },
        positive: ['meanSquare'],
        body: (graph, inputs) =>
          graph.applyAll(
            adamUpdate,
            'y',
            pick(inputs, 'parameter', 'gradient', 'mean', 'meanSquare', 'stepSize', 'learningRate'),
            { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay },
          ),
      },
    ];
  }),
];
