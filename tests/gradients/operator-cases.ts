import type { GraphBuilder } from '../../src/graph/builder.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import type { Shape } from '../../src/graph/shape.ts';
import { activation, activationNames } from '../../src/operators/activation.ts';
import { broadcast, sumTo } from '../../src/operators/broadcasting.ts';
import { conv2d } from '../../src/operators/convolution.ts';
import {
  binary,
  binaryFunctions,
  unary,
  unaryFunctions,
  type BinaryFunction,
  type UnaryName,
} from '../../src/operators/elementwise.ts';
import { concat, reshape, slice, transpose } from '../../src/operators/layout.ts';
import { softmaxCrossEntropy } from '../../src/operators/loss.ts';
import { dense, matmul } from '../../src/operators/matrix-product.ts';
import {
  batchNorm,
  batchNormTraining,
  groupNorm,
  groupNormTraining,
} from '../../src/operators/normalization.ts';
import { noPads, resolvePads, type Pads } from '../../src/operators/padding.ts';
import { pool2d } from '../../src/operators/pooling.ts';
import { reduce, softmax } from '../../src/operators/reduction.ts';
import { weightStandardization } from '../../src/operators/weight-standardization.ts';
import { distinct, labels, lattice, positive, type Fill } from './fills.ts';

/** One application of an operator whose gradients are compared with finite differences. */
export interface OperatorCase {
  readonly name: string;
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Operands that nothing is learned from. */
  readonly fixed?: readonly string[];
  /** How operands are filled; standard normal where nothing is said. */
  readonly fills?: Readonly<Record<string, Fill>>;
  readonly body: (graph: GraphBuilder, operands: Readonly<Record<string, Tensor>>) => Tensor;
}

/** The named operands, which the case has by construction. */
const pick = <Name extends string>(operands: Readonly<Record<string, Tensor>>, ...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, operands[name]])) as Record<Name, Tensor>;

interface Convolution {
  readonly kernel: readonly [number, number];
  readonly side: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly pads?: Pads;
  readonly bias?: boolean;
}

const oneSided: Pads = { before: [0, 1], after: [2, 0] };

const convolutions: readonly [string, Convolution][] = [
  ['dense', { kernel: [3, 3], side: [5, 4] }],
  ['pointwise with bias', { kernel: [1, 1], side: [3, 3], bias: true }],
  ['pointwise, stride 2', { kernel: [1, 1], side: [4, 5], stride: 2 }],
  ['depthwise, same', { kernel: [3, 3], side: [5, 5], groups: 4, pads: resolvePads('same', [5, 5], 3, 1) }],
  [
    'depthwise, stride 2, same on even sides: asymmetric',
    { kernel: [3, 3], side: [6, 4], stride: 2, groups: 4, pads: resolvePads('same', [6, 4], 3, 2) },
  ],
  [
    'depthwise 5×5, stride 2, symmetric',
    { kernel: [5, 5], side: [6, 5], stride: 2, groups: 4, pads: resolvePads('symmetric', [6, 5], 5, 2) },
  ],
  ['grouped, stride 2, a row and a column left over', { kernel: [3, 3], side: [6, 8], stride: 2, groups: 2 }],
  [
    'grouped with bias, dilated, symmetric',
    {
      kernel: [3, 3],
      side: [5, 6],
      dilation: 2,
      groups: 2,
      pads: resolvePads('symmetric', [5, 6], 3, 1, 2),
      bias: true,
    },
  ],
  ['dilated, stride 2, same', { kernel: [3, 3], side: [7, 6], stride: 2, dilation: 2, pads: oneSided }],
  ['stride 3 past a kernel of 2', { kernel: [2, 2], side: [8, 7], stride: 3, pads: oneSided }],
  ['kernel 1×3, padded on one side', { kernel: [1, 3], side: [4, 4], pads: oneSided }],
];

const convolutionCases = convolutions.map(([name, options]): OperatorCase => {
  const { kernel, side, stride = 1, dilation = 1, groups = 1, pads = noPads, bias = false } = options;
  return {
    name: `conv2d ${name}`,
    shapes: {
      input: [2, 4, ...side],
      filter: [4, 4 / groups, ...kernel],
      ...(bias && { bias: [4] }),
    },
    body: (graph, operands) =>
      graph.apply(conv2d, 'y', pick(operands, 'input', 'filter', ...(bias ? ['bias' as const] : [])), {
        stride,
        dilation,
        groups,
        pads,
      }),
  };
});

const matrixProducts: OperatorCase[] = [
  {
    name: 'dense with bias',
    shapes: { input: [3, 4], weight: [5, 4], bias: [5] },
    body: (graph, operands) => graph.apply(dense, 'y', pick(operands, 'input', 'weight', 'bias'), {}),
  },
  {
    name: 'dense',
    shapes: { input: [3, 4], weight: [2, 4] },
    body: (graph, operands) => graph.apply(dense, 'y', pick(operands, 'input', 'weight'), {}),
  },
  ...(
    [
      ['', [3, 4], [4, 2]],
      [', both broadcast', [2, 1, 3, 4], [5, 4, 2]],
      [', the right one broadcast', [2, 3, 4], [4, 2]],
    ] as const
  ).map(([name, left, right]): OperatorCase => ({
    name: `matmul${name}`,
    shapes: { left, right },
    body: (graph, operands) => graph.apply(matmul, 'y', pick(operands, 'left', 'right'), {}),
  })),
];

const affineChoices = [[], ['scale'], ['offset'], ['scale', 'offset']] as const;
const image = [3, 4, 2, 3];
const vectors = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, [4]]));
const called = (affine: readonly string[]) => (affine.length === 0 ? 'no affine' : affine.join(' and '));

const norms: OperatorCase[] = affineChoices.flatMap((affine) => [
  {
    name: `batchNorm, ${called(affine)}`,
    shapes: { input: image, ...vectors(affine), mean: [4], variance: [4] },
    fixed: ['mean', 'variance'],
    fills: { variance: positive },
    body: (graph, operands) =>
      graph.apply(batchNorm, 'y', pick(operands, 'input', ...affine, 'mean', 'variance'), { epsilon: 0.01 }),
  },
  {
    name: `batchNormTraining, ${called(affine)}`,
    shapes: { input: image, ...vectors(affine), runningMean: [4], runningVariance: [4] },
    fixed: ['runningMean', 'runningVariance'],
    body: (graph, operands) =>
      graph.apply(
        batchNormTraining,
        'y',
        pick(operands, 'input', ...affine, 'runningMean', 'runningVariance'),
        { epsilon: 0.01, decay: 0.9 },
      ),
  },
  ...[1, 2, 4].flatMap((groups) =>
    [groupNorm, groupNormTraining].map((operator): OperatorCase => ({
      name: `${operator.name} in ${groups} groups, ${called(affine)}`,
      shapes: { input: image, ...vectors(affine) },
      body: (graph, operands) =>
        graph.apply(operator, 'y', pick(operands, 'input', ...affine), { groups, epsilon: 0.01 }),
    })),
  ),
]);

const standardizations: OperatorCase[] = [
  ['', 1e-4],
  [', below ε', 100],
].map(([where, epsilon]): OperatorCase => ({
  name: `weightStandardization${where}`,
  shapes: { filter: [3, 2, 3, 2], gain: [3] },
  body: (graph, operands) =>
    graph.apply(weightStandardization, 'y', pick(operands, 'filter', 'gain'), {
      gamma: 1.7,
      epsilon: Number(epsilon),
    }),
}));

/** Where no activation has a kink: not 0, ±3, 6. */
const awayFromKinks: Fill = (length) =>
  Float64Array.from({ length }, (_, index) => -5.75 + (12.5 * index) / length);

const elementwise: OperatorCase[] = [
  ...activationNames.map((name): OperatorCase => ({
    name: `activation ${name}`,
    shapes: { input: [25] },
    fills: { input: awayFromKinks },
    body: (graph, operands) => graph.apply(activation, 'y', pick(operands, 'input'), { function: name }),
  })),
  ...(Object.keys(unaryFunctions) as UnaryName[]).map((name): OperatorCase => ({
    name: `unary ${name}`,
    shapes: { input: [3, 4] },
    fills: { input: positive },
    body: (graph, operands) => graph.apply(unary, 'y', pick(operands, 'input'), { function: name }),
  })),
  ...(Object.keys(binaryFunctions) as BinaryFunction[])
    .filter((name) => name !== 'greaterEqual')
    .flatMap((name) =>
      (
        [
          ['same shapes', [2, 3, 4], [2, 3, 4]],
          ['the right one broadcast', [2, 3, 4], [3, 1]],
          ['the left one broadcast', [1, 3, 1], [2, 3, 4]],
          ['both broadcast', [2, 1, 4], [3, 1]],
          ['a scalar on the right', [2, 3], []],
          ['a scalar on the left', [], [2, 3]],
        ] as const
      ).map(([how, left, right]): OperatorCase => ({
        name: `binary ${name}, ${how}`,
        shapes: { left, right },
        fills: { left: lattice(0.05, 4), right: name === 'divide' ? positive : lattice(0.2, 3) },
        body: (graph, operands) =>
          graph.apply(binary, 'y', pick(operands, 'left', 'right'), { function: name }),
      })),
    ),
  {
    name: 'binary greaterEqual, flat',
    shapes: { left: [3, 4], right: [4] },
    fixed: ['right'],
    fills: { left: lattice(0.05, 4), right: lattice(0.2, 3) },
    body: (graph, operands) => {
      const mask = graph.apply(binary, 'mask', pick(operands, 'left', 'right'), { function: 'greaterEqual' });
      const left = operands['left']!;
      return graph.apply(binary, 'y', { left, right: mask }, { function: 'multiply' });
    },
  },
];

const windows = [
  [
    'padded',
    { kernel: [3, 3], stride: 2, dilation: 1, pads: resolvePads('symmetric', [5, 6], 3, 2) },
    [5, 6],
  ],
  [
    'same, asymmetric',
    { kernel: [3, 3], stride: 2, dilation: 1, pads: resolvePads('same', [6, 6], 3, 2) },
    [6, 6],
  ],
  ['windows that overlap', { kernel: [3, 2], stride: 1, dilation: 1, pads: noPads }, [4, 5]],
  ['a column left over', { kernel: [2, 2], stride: 2, dilation: 1, pads: noPads }, [4, 5]],
] as const;

const pooling = (['max', 'average'] as const).flatMap((kind) =>
  windows.map(([name, window, side]): OperatorCase => ({
    name: `pool2d ${kind}, ${name}`,
    shapes: { input: [2, 2, ...side] },
    fills: { input: distinct },
    body: (graph, operands) => graph.apply(pool2d, 'y', pick(operands, 'input'), { function: kind, window }),
  })),
);

const reductions: OperatorCase[] = [
  ...(['sum', 'mean', 'max'] as const).flatMap((kind) =>
    [[2, 3], [0], [1, 3], []].map((axes): OperatorCase => ({
      name: `reduce ${kind} over ${axes.length === 0 ? 'nothing' : axes.join(' and ')}`,
      shapes: { input: [2, 3, 2, 2] },
      fills: { input: distinct },
      body: (graph, operands) => graph.apply(reduce, 'y', pick(operands, 'input'), { function: kind, axes }),
    })),
  ),
  ...[0, 1, 2].map((axis): OperatorCase => ({
    name: `softmax along axis ${axis}`,
    shapes: { input: [2, 3, 4] },
    body: (graph, operands) => graph.apply(softmax, 'y', pick(operands, 'input'), { axis }),
  })),
  {
    name: 'softmaxCrossEntropy',
    shapes: { logits: [3, 5], labels: [3, 5] },
    fixed: ['labels'],
    fills: { labels: labels(5) },
    body: (graph, operands) => graph.apply(softmaxCrossEntropy, 'y', pick(operands, 'logits', 'labels'), {}),
  },
];

const layout: OperatorCase[] = [
  {
    name: 'reshape',
    shapes: { input: [3, 4] },
    body: (graph, operands) => graph.apply(reshape, 'y', pick(operands, 'input'), { shape: [2, 1, 6] }),
  },
  {
    name: 'transpose',
    shapes: { input: [2, 3, 2, 4] },
    body: (graph, operands) =>
      graph.apply(transpose, 'y', pick(operands, 'input'), { permutation: [2, 0, 3, 1] }),
  },
  {
    name: 'concat',
    shapes: { first: [2, 3, 2], second: [2, 1, 2], third: [2, 2, 2] },
    body: (graph, operands) =>
      graph.apply(concat, 'y', pick(operands, 'first', 'second', 'third'), { axis: 1 }),
  },
  ...(
    [
      ['in the middle', 2, 5],
      ['at the start', 0, 2],
      ['at the end', 4, 6],
      ['of everything', 0, 6],
    ] as const
  ).map(([where, start, end]): OperatorCase => ({
    name: `slice ${where}`,
    shapes: { input: [2, 6, 3] },
    body: (graph, operands) => graph.apply(slice, 'y', pick(operands, 'input'), { axis: 1, start, end }),
  })),
  {
    name: 'broadcast',
    shapes: { input: [3, 1] },
    body: (graph, operands) => graph.apply(broadcast, 'y', pick(operands, 'input'), { shape: [2, 3, 4] }),
  },
  ...[[3, 1], [1, 1, 4], []].map((shape): OperatorCase => ({
    name: `sumTo ${shape.length === 0 ? 'a scalar' : shape.join('×')}`,
    shapes: { input: [2, 3, 4] },
    body: (graph, operands) => graph.apply(sumTo, 'y', pick(operands, 'input'), { shape }),
  })),
];

export const operatorCases: readonly OperatorCase[] = [
  ...convolutionCases,
  ...matrixProducts,
  ...norms,
  ...standardizations,
  ...elementwise,
  ...pooling,
  ...reductions,
  ...layout,
];
