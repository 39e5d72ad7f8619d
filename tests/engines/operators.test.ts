import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../../src/graph/builder.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import { activation, activationNames } from '../../src/operators/activation.ts';
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
import { dense, matmul } from '../../src/operators/matrix-product.ts';
import { batchNorm, groupNorm } from '../../src/operators/normalization.ts';
import { noPads, resolvePads } from '../../src/operators/padding.ts';
import { pool2d } from '../../src/operators/pooling.ts';
import { operators } from '../../src/operators/registry.ts';
import { reduce, softmax } from '../../src/operators/reduction.ts';
import { normalInputs, relativeError, runOnnxruntime, runReference, smallGraph } from './support.ts';

interface Case {
  readonly name: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly positive?: readonly string[];
  readonly body: (graph: GraphBuilder, inputs: Record<string, Tensor>) => Tensor;
}

/** The named inputs, which every case has by construction. */
const pick = <Name extends string>(inputs: Record<string, Tensor>, ...names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, inputs[name]])) as Record<Name, Tensor>;

const convolutions: Case[] = [
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

const cases: Case[] = [
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
  ...[1, 4, 8].flatMap((groups): Case[] => [
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
  ...activationNames.map((name): Case => ({
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
  ...(Object.keys(unaryFunctions) as UnaryName[]).map((name): Case => ({
    name: `unary ${name}`,
    shapes: { input: [50] },
    positive: ['input'],
    body: (graph, inputs) => graph.apply(unary, 'y', pick(inputs, 'input'), { function: name }),
  })),
  ...(Object.keys(binaryFunctions) as BinaryFunction[]).map((name): Case => ({
    name: `binary ${name}, broadcast`,
    shapes: { left: [2, 3, 1, 4], right: [3, 5, 1] },
    positive: ['right'],
    body: (graph, inputs) => graph.apply(binary, 'y', pick(inputs, 'left', 'right'), { function: name }),
  })),
  ...(['max', 'average'] as const).map((kind): Case => ({
    name: `pool2d ${kind}, padded`,
    shapes: { input: [2, 3, 7, 6] },
    body: (graph, inputs) =>
      graph.apply(pool2d, 'y', pick(inputs, 'input'), {
        function: kind,
        window: { kernel: [3, 3], stride: 2, dilation: 1, pads: resolvePads('symmetric', [7, 6], 3, 2) },
      }),
  })),
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
    [[2, 3], [0], [1, 3]].map((axes): Case => ({
      name: `reduce ${kind} over ${axes.join(' and ')}`,
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
];

describe('onnxruntime agrees with the operators’ definitions in double precision', () => {
  it.each(cases)('$name', async ({ shapes, positive, body }) => {
    const graph = smallGraph(shapes, body);
    const inputs = normalInputs(graph, 7, positive);
    const constants = new Map(
      graph.tensors
        .filter((tensor) => tensor.kind === 'constant')
        .map((tensor) => [tensor, Float32Array.from(tensor.values)]),
    );
    const actual = await runOnnxruntime(graph, constants, inputs);
    expect(relativeError(actual, runReference(graph, constants, inputs))).toBeLessThan(2e-6);
  });

  it('covers every operator', () => {
    const tested = new Set(
      cases.flatMap(({ shapes, body }) => smallGraph(shapes, body).nodes.map((node) => node.operator.name)),
    );
    expect([...tested].sort()).toEqual(Object.keys(operators).sort());
  });
});
