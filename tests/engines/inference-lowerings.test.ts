import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Detour } from '../../src/engines/emulation.ts';
import { probeBlock } from '../../src/engines/onnxruntime/blocked/probe.ts';
import { encodeModel } from '../../src/engines/onnxruntime/onnx/encode.ts';
import { processorModel } from '../../src/engines/onnxruntime/processor-model.ts';
import { initializeWeights } from '../../src/engines/weights.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Tensor } from '../../src/graph/graph.ts';
import { activation } from '../../src/operators/activation.ts';
import { conv2d } from '../../src/operators/convolution.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { batchNormTraining, groupNorm, groupNormTraining } from '../../src/operators/normalization.ts';
import { resolvePads } from '../../src/operators/padding.ts';
import { reduce } from '../../src/operators/reduction.ts';
import { normalInputs, relativeError, runReference } from './support.ts';

/** Runs a graph with constant weights in its fast form; its outputs' largest error, and the operators that it became. */
async function compare(
  build: (graph: GraphBuilder) => Tensor,
  shift = 0,
): Promise<{ error: number; operators: string[]; detours: readonly Detour[] }> {
  const builder = new GraphBuilder('small');
  const graph = builder.build([build(builder)]);
  const weights = initializeWeights(graph, 5);
  const model = await processorModel(graph, { weights, threads: 2, precision: 'fp32' });
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  const inputs = normalInputs(graph, 6);
  for (const values of inputs.values()) values.forEach((value, index) => (values[index] = value + shift));
  const feeds = graph.tensors.flatMap(({ kind, name, shape }) =>
    kind === 'input' ? [[name, new ort.Tensor('float32', inputs.get(name)!, shape)] as const] : [],
  );
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  const [expected] = runReference(graph, weights, inputs);
  const [output] = graph.outputs;
  return {
    error: relativeError(results[output!.name]!.data as Float32Array, expected!),
    operators: model.nodes.map(({ operator }) => operator),
    detours: model.detours,
  };
}

const random = { kind: 'uniform', rootMeanSquare: 0.5 } as const;

function pointwise(graph: GraphBuilder, input: Tensor, channels: number): Tensor {
  const [, inputs = 0, height = 0, width = 0] = input.shape;
  const filter = graph.parameter('filter', [channels, inputs, 1, 1], random);
  const pads = resolvePads('same', [height, width], 1, 1);
  return graph.apply(conv2d, 'conv', { input, filter }, { stride: 1, dilation: 1, groups: 1, pads });
}

describe('group norm after a widening 1×1 convolution', () => {
  const normalized =
    (shape: readonly number[], channels: number, groups: number) => (graph: GraphBuilder) => {
      const scale = graph.parameter('scale', [channels], random);
      const offset = graph.parameter('offset', [channels], random);
      const input = pointwise(graph, graph.input('x', shape), channels);
      return graph.apply(groupNorm, 'norm', { input, scale, offset }, { groups, epsilon: 1e-3 });
    };

  it.each([
    [[2, 5, 7, 9], 20, 4],
    [[3, 8, 12, 12], 16, 1],
    [[1, 4, 5, 5], 12, 12],
  ] as const)(
    '%j to %i channels in %i groups becomes filters of each image',
    async (shape, channels, groups) => {
      const { error, operators } = await compare(normalized(shape, channels, groups));
      expect(error).toBeLessThan(1e-5);
      expect(operators.filter((operator) => operator === 'Conv')).toHaveLength(1);
      expect(operators).not.toContain('FusedConv');
    },
  );

  it('keeps its accuracy when the input’s mean is ten deviations from zero', async () => {
    const { error } = await compare(normalized([2, 5, 16, 16], 20, 4), 10);
    expect(error).toBeLessThan(1e-4);
  });

  it('stays a pass of its own where the filters would be larger than the map', async () => {
    const { error, operators } = await compare(normalized([2, 40, 6, 6], 80, 4));
    expect(error).toBeLessThan(1e-5);
    expect(operators.filter((operator) => operator === 'Conv')).toHaveLength(1);
    expect(operators.filter((operator) => operator === 'MatMul')).toEqual([]);
  });
});

describe('a 1×1 convolution of a gated image', () => {
  const gated = (shape: readonly number[], channels: number) => (graph: GraphBuilder) => {
    const [batch = 0, inputs = 0] = shape;
    const image = graph.input('x', shape);
    const gate = graph.input('gate', [batch, inputs, 1, 1]);
    const product = graph.apply(binary, 'excite', { left: image, right: gate }, { function: 'multiply' });
    return pointwise(graph, product, channels);
  };

  it('takes the gate into the filter', async () => {
    const { error, operators } = await compare(gated([3, 12, 6, 5], 7));
    expect(error).toBeLessThan(1e-5);
    expect(operators.toSorted()).toEqual([
      'Conv',
      'Mul',
      'Reshape',
      'Reshape',
      'Reshape',
      'Reshape',
      'Reshape',
    ]);
  });

  it('gates the image where the filters would be larger', async () => {
    const { error, operators } = await compare(gated([3, 12, 3, 3], 70));
    expect(error).toBeLessThan(1e-5);
    expect(operators).toEqual(['Mul', 'Conv']);
  });
});

describe('group norm between convolutions of whole blocks', () => {
  /** A grouped convolution, norm, swish, squeeze-and-excite and a projection: half of a block of the study's networks. */
  const block =
    (extent: number, kernel: number, stride: number, outputs: number) => (graph: GraphBuilder) => {
      const channels = 32;
      const input = graph.input('x', [2, channels, extent, extent]);
      const filter = graph.parameter('spatial', [channels, 16, kernel, kernel], random);
      const pads = resolvePads('same', [extent, extent], kernel, stride);
      const spatial = { stride, dilation: 1, groups: 2, pads };
      const convolved = graph.apply(conv2d, 'group', { input, filter }, spatial);
      // Groups of 8 channels cut through blocks of 16.
      const scale = graph.parameter('scale', [channels], random);
      const normalized = graph.apply(
        groupNorm,
        'norm',
        { input: convolved, scale },
        { groups: 4, epsilon: 1e-3 },
      );
      const image = graph.apply(activation, 'act', { input: normalized }, { function: 'swish' });
      const mean = { function: 'mean', axes: [2, 3] } as const;
      const right = graph.apply(reduce, 'squeeze', { input: image }, mean);
      const product = graph.apply(binary, 'excite', { left: image, right }, { function: 'multiply' });
      return pointwise(graph, product, outputs);
    };

  it.each([
    [14, 5, 1, 24],
    [15, 5, 2, 32],
    [7, 3, 1, 24],
    [7, 5, 1, 80],
    [24, 3, 1, 40],
  ])(
    '%i², %i taps a row, stride %i, to %i channels: one layout in between',
    async (extent, kernel, stride, outputs) => {
      const { error, operators } = await compare(block(extent, kernel, stride, outputs));
      expect(error).toBeLessThan(1e-5);
      const changes = operators.filter((operator) => operator.startsWith('Reorder'));
      expect(changes).toEqual((await probeBlock(ort)) ? ['ReorderInput', 'ReorderOutput'] : []);
    },
  );

  it.each([
    [14, 5, 1, 24],
    [14, 5, 1, 32],
    [28, 5, 1, 40],
    [14, 5, 1, 112],
  ])(
    '%i², %i taps a row, stride %i, to %i channels: two rows at a time, the added row of zeros counted',
    async (extent, kernel, stride, outputs) => {
      const { error, detours } = await compare(block(extent, kernel, stride, outputs));
      expect(error).toBeLessThan(1e-5);
      const excessMacs = 2 * 32 * extent ** 2 * 16 * kernel;
      const added = { operator: 'conv2d (grouped)', excessMacs };
      expect(detours).toEqual((await probeBlock(ort)) === 16 ? [added] : []);
    },
  );

  it.each([
    [15, 5, 1, 'an odd number of rows'],
    [14, 3, 1, 'three taps a row'],
    [28, 5, 2, 'a stride'],
  ])('%i², %i taps a row, stride %i: one row at a time with %s', async (extent, kernel, stride) => {
    const { error, detours } = await compare(block(extent, kernel, stride, 32));
    expect(error).toBeLessThan(1e-5);
    expect(detours).toEqual([]);
  });

  it('puts rows in order where maps are added, each map once', async () => {
    const { error, operators } = await compare((graph) => {
      const input = block(14, 5, 1, 32)(graph);
      const left = graph.apply(groupNorm, 'last', { input }, { groups: 4, epsilon: 1e-3 });
      const right = graph.apply(activation, 'relu', { input: left }, { function: 'relu' });
      return graph.apply(binary, 'add', { left, right }, { function: 'add' });
    });
    expect(error).toBeLessThan(1e-5);
    expect(operators.filter((operator) => operator === 'ReorderOutput').length).toBeLessThan(2);
  });

  it('stays blocked where maps are added', async () => {
    const { error, operators } = await compare((graph) => {
      const convolved = pointwise(graph, graph.input('x', [2, 32, 9, 9]), 32);
      const left = graph.apply(groupNorm, 'norm', { input: convolved }, { groups: 4, epsilon: 1e-3 });
      const right = graph.apply(activation, 'act', { input: left }, { function: 'relu' });
      return graph.apply(binary, 'add', { left, right }, { function: 'add' });
    });
    expect(error).toBeLessThan(1e-5);
    expect(operators.filter((operator) => operator === 'ReorderOutput').length).toBeLessThan(2);
  });
});

describe('norms of maps whose mean is ten deviations from zero', () => {
  const shape = [4, 8, 12, 12];

  it('group norm, from sums of squares', async () => {
    const apply = (graph: GraphBuilder) =>
      graph.apply(groupNorm, 'norm', { input: graph.input('x', shape) }, { groups: 2, epsilon: 1e-3 });
    expect((await compare(apply, 10)).error).toBeLessThan(1e-4);
  });

  it('group norm of training', async () => {
    const apply = (graph: GraphBuilder) =>
      graph.apply(
        groupNormTraining,
        'norm',
        { input: graph.input('x', shape) },
        { groups: 2, epsilon: 1e-3 },
      );
    expect((await compare(apply, 10)).error).toBeLessThan(1e-4);
  });

  it('batch norm of training', async () => {
    const apply = (graph: GraphBuilder) => {
      const runningMean = graph.input('mean', [8]);
      const runningVariance = graph.input('variance', [8]);
      const operands = { input: graph.input('x', shape), runningMean, runningVariance };
      return graph.applyAll(batchNormTraining, 'norm', operands, { epsilon: 1e-3, decay: 0.9 })[0]!;
    };
    expect((await compare(apply, 10)).error).toBeLessThan(1e-4);
  });
});
