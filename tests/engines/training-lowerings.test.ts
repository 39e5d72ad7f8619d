import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { probeBlock } from '../../src/engines/onnxruntime/blocked/probe.ts';
import { Emitter } from '../../src/engines/onnxruntime/emitter.ts';
import { fastLowerings } from '../../src/engines/onnxruntime/fast/table.ts';
import { standardLowerings } from '../../src/engines/onnxruntime/standard/table.ts';
import { encodeModel } from '../../src/engines/onnxruntime/onnx/encode.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph, Tensor } from '../../src/graph/graph.ts';
import { tensorsOfKind } from '../../src/graph/graph.ts';
import { activation, activationGradient } from '../../src/operators/activation.ts';
import { sumTo } from '../../src/operators/broadcasting.ts';
import { conv2dFilterGradient, conv2dInputGradient } from '../../src/operators/convolution-gradients.ts';
import { conv2d } from '../../src/operators/convolution.ts';
import { binary } from '../../src/operators/elementwise.ts';
import {
  batchNormGradient,
  batchNormTraining,
  groupNorm,
  groupNormGradient,
  groupNormTraining,
} from '../../src/operators/normalization.ts';
import { sgdUpdate } from '../../src/operators/optimizers.ts';
import { resolvePads, windowOutput, type PaddingRule } from '../../src/operators/padding.ts';
import { dispatch, type OperatorTable } from '../../src/operators/registry.ts';
import { normalInputs, relativeError } from './support.ts';

type Table = OperatorTable<Emitter, void>;

async function run(graph: Graph, table: Table): Promise<{ values: Float32Array[]; operators: string[] }> {
  const emitters = graph.nodes.map((node) => {
    const emit = new Emitter(node.name);
    dispatch(table, node, emit);
    return emit;
  });
  const nodes = emitters.flatMap((emit) => emit.nodes);
  const model = {
    name: graph.name,
    metadata: {},
    nodes,
    initializers: emitters.flatMap((emit) => emit.initializers),
    inputs: tensorsOfKind(graph, 'input'),
    outputs: graph.outputs,
  };
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  const inputs = normalInputs(graph, 3, ['variance', 'deviation']);
  const feeds = Object.fromEntries(
    tensorsOfKind(graph, 'input').map(({ name, shape }) => [
      name,
      new ort.Tensor('float32', inputs.get(name)!, shape),
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return {
    values: graph.outputs.map(({ name }) => results[name]!.data as Float32Array),
    operators: nodes.map(({ operator, domain }) => (domain ? `${domain}/${operator}` : operator)),
  };
}

/** Holds the fast lowerings of a graph to the plain ones, and says which ONNX operators they are. */
async function compare(name: string, build: (graph: GraphBuilder) => readonly Tensor[]): Promise<string[]> {
  const builder = new GraphBuilder(name);
  const graph = builder.build(build(builder));
  const block = await probeBlock(ort);
  const fast = fastLowerings(standardLowerings, { graph, block, isConstant: () => false });
  const expected = await run(graph, standardLowerings);
  const actual = await run(graph, fast);
  expected.values.forEach((values, index) => {
    expect(relativeError(actual.values[index]!, values), `output ${index}`).toBeLessThan(1e-4);
  });
  return actual.operators;
}

interface Geometry {
  readonly name: string;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly kernel: number;
  readonly stride: number;
  readonly side: readonly [number, number];
  readonly rule?: PaddingRule;
  readonly batch?: number;
}

const geometries: Geometry[] = [
  { name: '1×1, large map', channels: 24, filters: 40, groups: 1, kernel: 1, stride: 1, side: [12, 11] },
  { name: '1×1, small map', channels: 40, filters: 24, groups: 1, kernel: 1, stride: 1, side: [7, 7] },
  { name: 'depthwise 3×3', channels: 32, filters: 32, groups: 32, kernel: 3, stride: 1, side: [12, 9] },
  { name: 'depthwise 5×5', channels: 48, filters: 48, groups: 48, kernel: 5, stride: 1, side: [7, 8] },
  { name: 'depthwise 3×3/2', channels: 32, filters: 32, groups: 32, kernel: 3, stride: 2, side: [12, 10] },
  { name: 'depthwise 5×5/2', channels: 32, filters: 32, groups: 32, kernel: 5, stride: 2, side: [14, 14] },
  {
    name: 'depthwise 5×5/2, odd',
    channels: 32,
    filters: 32,
    groups: 32,
    kernel: 5,
    stride: 2,
    side: [13, 15],
  },
  { name: 'grouped 3×3', channels: 48, filters: 48, groups: 3, kernel: 3, stride: 1, side: [12, 9] },
  { name: 'grouped 5×5', channels: 32, filters: 32, groups: 2, kernel: 5, stride: 1, side: [7, 7] },
  { name: 'grouped 3×3/2', channels: 32, filters: 32, groups: 2, kernel: 3, stride: 2, side: [12, 10] },
  { name: 'grouped 5×5/2', channels: 32, filters: 32, groups: 2, kernel: 5, stride: 2, side: [14, 14] },
  { name: 'grouped 5×5/2, odd', channels: 32, filters: 32, groups: 2, kernel: 5, stride: 2, side: [13, 15] },
  { name: 'grouped, more out', channels: 32, filters: 64, groups: 2, kernel: 3, stride: 1, side: [8, 8] },
  { name: 'groups of two blocks', channels: 64, filters: 64, groups: 2, kernel: 3, stride: 2, side: [8, 8] },
  { name: 'groups of 4 channels', channels: 32, filters: 32, groups: 8, kernel: 3, stride: 1, side: [8, 8] },
  { name: 'stem', channels: 3, filters: 32, groups: 1, kernel: 3, stride: 2, side: [16, 18] },
  { name: 'odd channels', channels: 20, filters: 20, groups: 20, kernel: 3, stride: 1, side: [8, 8] },
];
const symmetric = geometries
  .filter(({ stride }) => stride > 1)
  .map((geometry) => ({
    ...geometry,
    name: `${geometry.name}, symmetric padding`,
    rule: 'symmetric' as const,
  }));

describe.each([...geometries, ...symmetric])(
  'fast convolutions, $name',
  ({ name, channels, filters, groups, kernel, stride, side, rule = 'same', batch = 2 }) => {
    const pads = resolvePads(rule, side, kernel, stride);
    const attributes = { stride, dilation: 1, groups, pads };
    const inputShape = [batch, channels, ...side];
    const filterShape = [filters, channels / groups, kernel, kernel];
    const output = windowOutput(side, { kernel: [kernel, kernel], stride, dilation: 1, pads });
    const gradientShape = [batch, filters, ...output];

    it('equal the plain ones', async () => {
      await compare(name, (graph) => {
        const input = graph.input('input', inputShape);
        const filter = graph.input('filter', filterShape);
        const outputGradient = graph.input('outputGradient', gradientShape);
        return [
          graph.apply(conv2d, 'forward', { input, filter }, attributes),
          graph.apply(conv2dInputGradient, 'dx', { outputGradient, filter }, { ...attributes, inputShape }),
          graph.apply(conv2dFilterGradient, 'dw', { input, outputGradient }, { ...attributes, filterShape }),
        ];
      });
    });
  },
);

describe.each([
  { side: [12, 11] as const, map: 'large' },
  { side: [5, 4] as const, map: 'small' },
])('fast norms on a $map map', ({ side }) => {
  const shape = [3, 8, ...side];
  const vectors = (graph: GraphBuilder) => ({
    scale: graph.input('scale', [8]),
    offset: graph.input('offset', [8]),
  });

  it.each([true, false])('batch norm, affine %s', async (isAffine) => {
    await compare('batchNorm', (graph) => {
      const input = graph.input('input', shape);
      const { scale, offset } = vectors(graph);
      const running = {
        runningMean: graph.input('runningMean', [8]),
        runningVariance: graph.input('variance', [8]),
      };
      const [output, mean, inverseDeviation, ...next] = graph.applyAll(
        batchNormTraining,
        'norm',
        { input, ...running, ...(isAffine && { scale, offset }) },
        { epsilon: 1e-3, decay: 0.9 },
      );
      const operands = {
        outputGradient: graph.input('outputGradient', shape),
        input,
        mean: mean!,
        inverseDeviation: inverseDeviation!,
      };
      const gradients = graph.applyAll(
        batchNormGradient,
        'gradient',
        { ...operands, ...(isAffine && { scale }) },
        {},
      );
      return [output!, mean!, inverseDeviation!, ...next, ...gradients];
    });
  });

  it.each([
    { groups: 4, isAffine: true },
    { groups: 1, isAffine: true },
    { groups: 2, isAffine: false },
  ])('group norm, groups $groups, affine $isAffine', async ({ groups, isAffine }) => {
    await compare('groupNorm', (graph) => {
      const input = graph.input('input', shape);
      const { scale, offset } = vectors(graph);
      const attributes = { groups, epsilon: 1e-3 };
      const operands = { input, ...(isAffine && { scale, offset }) };
      const [output, mean, inverseDeviation] = graph.applyAll(
        groupNormTraining,
        'norm',
        operands,
        attributes,
      );
      const gradients = graph.applyAll(
        groupNormGradient,
        'gradient',
        {
          outputGradient: graph.input('outputGradient', shape),
          input,
          mean: mean!,
          inverseDeviation: inverseDeviation!,
          ...(isAffine && { scale }),
        },
        attributes,
      );
      const inference = graph.apply(groupNorm, 'inference', operands, attributes);
      return [output!, mean!, inverseDeviation!, ...gradients, inference];
    });
  });

  it('swish and its gradient', async () => {
    await compare('swish', (graph) => {
      const input = graph.input('input', shape);
      const outputGradient = graph.input('outputGradient', shape);
      const swish = { function: 'swish' as const };
      return [
        graph.apply(activation, 'forward', { input }, swish),
        graph.apply(activationGradient, 'backward', { outputGradient, input }, swish),
      ];
    });
  });

  it('the gradients of a gate', async () => {
    await compare('gate', (graph) => {
      const x = graph.input('x', shape);
      const outputGradient = graph.input('outputGradient', shape);
      const gate = graph.input('gate', [3, 8, 1, 1]);
      const shift = graph.input('shift', [3, 8, 1, 1]);
      const multiply = { function: 'multiply' as const };
      const product = graph.apply(binary, 'product', { left: outputGradient, right: x }, multiply);
      const gated = graph.apply(binary, 'gated', { left: outputGradient, right: gate }, multiply);
      return [
        graph.apply(sumTo, 'gateGradient', { input: product }, { shape: [3, 8, 1, 1] }),
        graph.apply(binary, 'dx', { left: gated, right: shift }, { function: 'add' }),
      ];
    });
  });
});

it('updates parameters on flat views', async () => {
  await compare('sgd', (graph) => {
    const shape = [6, 5, 1, 1];
    const operands = {
      parameter: graph.input('parameter', shape),
      gradient: graph.input('gradient', shape),
      velocity: graph.input('velocity', shape),
      learningRate: graph.input('learningRate', []),
    };
    return graph.applyAll(sgdUpdate, 'update', operands, { momentum: 0.9, weightDecay: 1e-4 });
  });
});

it('uses blocked convolutions where the processor has them', async () => {
  const block = await probeBlock(ort);
  const operators = await compare('depthwise', (graph) => {
    const input = graph.input('input', [1, 32, 8, 8]);
    const filter = graph.input('filter', [32, 1, 3, 3]);
    const pads = resolvePads('same', [8, 8], 3, 1);
    return [graph.apply(conv2d, 'conv', { input, filter }, { stride: 1, dilation: 1, groups: 32, pads })];
  });
  if (block === undefined) expect(operators).toEqual(['Conv']);
  else expect(operators).toContain('com.microsoft.nchwc/Conv');
});
