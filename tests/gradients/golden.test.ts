import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { backpropagate } from '../../src/gradients/backpropagate.ts';
import { adam } from '../../src/gradients/optimizers/adam.ts';
import type { Optimizer } from '../../src/gradients/optimizers/optimizer.ts';
import { rmsprop } from '../../src/gradients/optimizers/rmsprop.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { tensorsOfKind, type Tensor } from '../../src/graph/graph.ts';
import { size } from '../../src/graph/shape.ts';
import { buildEvoNorm } from '../../src/models/layers/evonorm.ts';
import type { Norm } from '../../src/models/knobs.ts';
import { lambdaLayer } from '../../src/models/layers/lambda-layer.ts';
import { NetworkBuilder } from '../../src/models/layers/network-builder.ts';
import { buildProxyNorm } from '../../src/models/layers/proxy-norm.ts';
import { conv2d, type Conv2dAttributes } from '../../src/operators/convolution.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { softmaxCrossEntropy } from '../../src/operators/loss.ts';
import { batchNormTraining, groupNorm, groupNormTraining } from '../../src/operators/normalization.ts';
import { noPads } from '../../src/operators/padding.ts';
import { reduce } from '../../src/operators/reduction.ts';
import { weightStandardization } from '../../src/operators/weight-standardization.ts';
import { expectGolden, golden, goldenFill, goldenLabels } from './golden-values.ts';
import { differentiateWeightedSum } from './weighted-sum.ts';

type WeightedSum = Parameters<typeof differentiateWeightedSum>[0];

const tested = new Set<string>();

/** Compares the weighted sum of what `body` makes of its operands, its gradients, and what `others` adds. */
function compare(
  name: string,
  weightedSum: Omit<WeightedSum, 'fill'>,
  others: Record<string, string> = {},
): void {
  tested.add(name);
  const { graph, scalar, gradients, values } = differentiateWeightedSum({ ...weightedSum, fill: goldenFill });
  const named = (wanted: string) => graph.tensors.find((tensor) => tensor.name === wanted)!;
  expectGolden(
    name,
    new Map([
      ['loss', values.get(scalar)!],
      ...[...gradients].map(([parameter, gradient]) => {
        return [`gradient ${parameter.name}`, values.get(gradient)!] as const;
      }),
      ...Object.entries(others).map(([quantity, tensor]) => [quantity, values.get(named(tensor))!] as const),
    ]),
  );
}

const vector = { scale: [4], offset: [4] };

describe('gradients of operators equal another implementation’s', () => {
  const geometry = { stride: 1, dilation: 1, groups: 1, pads: noPads };
  it.each<[string, Record<string, number[]>, Conv2dAttributes]>([
    [
      'convolution, grouped, stride 2, bias',
      { input: [2, 4, 6, 5], filter: [6, 2, 3, 3], bias: [6] },
      { ...geometry, stride: 2, groups: 2, pads: { before: [1, 1], after: [1, 1] } },
    ],
    [
      'convolution, depthwise, stride 2, asymmetric',
      { input: [2, 4, 6, 4], filter: [4, 1, 3, 3] },
      { ...geometry, stride: 2, groups: 4, pads: { before: [0, 0], after: [1, 1] } },
    ],
    [
      'convolution, dense, dilated',
      { input: [2, 3, 6, 5], filter: [2, 3, 3, 3] },
      { ...geometry, dilation: 2, pads: { before: [2, 2], after: [2, 2] } },
    ],
    ['convolution, pointwise', { input: [2, 3, 2, 3], filter: [4, 3, 1, 1] }, geometry],
  ])('%s', (name, shapes, attributes) => {
    compare(name, {
      shapes,
      body: (graph, { input, filter, bias }) =>
        graph.apply(conv2d, 'y', { input: input!, filter: filter!, ...(bias && { bias }) }, attributes),
    });
  });

  it('batch norm', () => {
    compare(
      'batch norm',
      {
        shapes: { input: [3, 4, 3, 2], ...vector, runningMean: [4], runningVariance: [4] },
        fixed: ['runningMean', 'runningVariance'],
        body: (graph, { input, scale, offset, runningMean, runningVariance }) =>
          graph.apply(
            batchNormTraining,
            'y',
            {
              input: input!,
              scale: scale!,
              offset: offset!,
              runningMean: runningMean!,
              runningVariance: runningVariance!,
            },
            { epsilon: 1e-3, decay: 0.97 },
          ),
      },
      { 'next runningMean': 'y:3', 'next runningVariance': 'y:4' },
    );
  });

  it.each([
    ['group norm', 2],
    ['layer norm', 1],
    ['instance norm', 4],
  ])('%s', (name, groups) => {
    compare(name, {
      shapes: { input: [3, 4, 3, 2], ...vector },
      body: (graph, { input, scale, offset }) =>
        graph.apply(
          groupNormTraining,
          'y',
          { input: input!, scale: scale!, offset: offset! },
          { groups, epsilon: 1e-3 },
        ),
    });
  });

  it('layer norm, proxy norm', () => {
    compare('layer norm, proxy norm', {
      shapes: { input: [3, 4, 3, 2] },
      body: (graph, { input }) => {
        const normalized = graph.apply(groupNorm, 'norm', { input: input! }, { groups: 1, epsilon: 1e-3 });
        const { centred, scale } = buildProxyNorm(graph, normalized, 'swish');
        return graph.apply(binary, 'rescale', { left: centred, right: scale }, { function: 'multiply' });
      },
    });
  });

  it.each([
    ['evonorm-b0', { 'next variance': 'nextVariance' }],
    ['evonorm-s0', {}],
  ] as const)('%s', (name, others) => {
    const shapes = { input: [2, 4, 3, 2] };
    const body: WeightedSum['body'] = (graph, { input }) =>
      buildEvoNorm(graph, name, input!, { training: true });
    compare(name, { shapes, body }, others);
  });

  it('weight standardization', () => {
    compare('weight standardization', {
      shapes: { filter: [4, 3, 2, 2], gain: [4] },
      body: (graph, { filter, gain }) =>
        graph.apply(
          weightStandardization,
          'y',
          { filter: filter!, gain: gain! },
          { gamma: 1.7, epsilon: 1e-4 },
        ),
    });
  });

  const smoothed: WeightedSum['fills'] = {
    // PyTorch spreads the smoothing over all classes, the right one included.
    labels: (length) =>
      Float64Array.from({ length }, (_, index) => ([1, 9, 10].includes(index) ? 0.92 : 0.02)),
    weights: (length) => new Float64Array(length).fill(1),
  };
  it.each([
    ['cross-entropy, soft labels', { ...smoothed, labels: goldenLabels(5) }],
    ['cross-entropy, label smoothing', smoothed],
  ])('%s', (name, fills) => {
    compare(name, {
      shapes: { logits: [3, 5], labels: [3, 5] },
      fixed: ['labels'],
      fills,
      body: (graph, { logits, labels }) => {
        const four = graph.constant('four', [1], Float64Array.of(4));
        const wide = graph.apply(binary, 'wide', { left: logits!, right: four }, { function: 'multiply' });
        return graph.apply(softmaxCrossEntropy, 'y', { logits: wide, labels: labels! }, {});
      },
    });
  });
});

describe('gradients of networks equal another implementation’s', () => {
  const builder = (norm: Norm) =>
    new NetworkBuilder('network', { norm, activation: 'swish', padding: 'same' }, 'training');

  /** Evaluates what a builder made, differentiates it by every parameter and by `input`, and compares. */
  function compareNetwork(name: string, net: NetworkBuilder, input: Tensor, loss: Tensor): void {
    tested.add(name);
    const gradients = backpropagate(net.graph, loss, [input, ...tensorsOfKind(net.graph, 'parameter')]);
    const graph = net.graph.build([loss]);
    const given = new Map<Tensor, ArrayLike<number>>();
    for (const tensor of graph.tensors) {
      const values =
        tensor.kind === 'constant'
          ? tensor.values
          : (tensor.name === 'labels' ? goldenLabels(5) : goldenFill)(size(tensor.shape), tensor.name);
      if (tensor.kind !== 'computed') given.set(tensor, values);
    }
    const values = evaluate(graph, given);
    const quantities = new Map([['loss', values.get(loss)!]]);
    for (const [tensor, gradient] of gradients)
      quantities.set(`gradient ${tensor.name}`, values.get(gradient)!);
    for (const [tensor, next] of graph.updates) quantities.set(`next ${tensor.name}`, values.get(next)!);
    expectGolden(name, quantities);
  }

  it.each<[string, Norm]>([
    ['network bn', { kind: 'batch', proxy: false }],
    ['network gn2', { kind: 'group', groups: 2, proxy: false }],
    ['network ln+pn', { kind: 'layer', proxy: true }],
  ])('%s', (name, norm) => {
    const net = builder(norm);
    const images = net.graph.input('images', [3, 4, 5, 4]);
    let x = net.convNormAct('expand', images, { channels: 8, kernel: 1 });
    const spatial = net.convNormActUnscaled('spatial', x, { channels: 8, kernel: 3, groupSize: 2 });
    x = net.squeezeExcite('se', spatial, { hidden: 2 });
    x = net.convNorm('project', x, { channels: 4, kernel: 1 });
    x = net.add(images, net.dropPath(x, 0.8));
    const { tensor } = net.convNormActUnscaled('head', x, { channels: 6, kernel: 1 });
    const logits = net.classifier(tensor, { classes: 5, dropout: 0.2 });
    const labels = net.graph.input('labels', logits.shape);
    compareNetwork(name, net, images, net.graph.apply(softmaxCrossEntropy, 'loss', { logits, labels }, {}));
  });

  it('lambda layer', () => {
    const net = builder({ kind: 'batch', proxy: false });
    const input = net.graph.input('input', [2, 8, 3, 4]);
    const context = { kind: 'window', size: 3, bias: true } as const;
    const left = lambdaLayer(net, 'lambda', input, { heads: 2, key: 3, depth: 2, context });
    const right = net.graph.constant('weights', left.shape, goldenFill(size(left.shape), 'weights'));
    const weighted = net.graph.apply(binary, 'weighted', { left, right }, { function: 'multiply' });
    const axes = [0, 1, 2, 3];
    const sum = net.graph.apply(reduce, 'sum', { input: weighted }, { function: 'sum', axes });
    compareNetwork('lambda layer', net, input, sum);
  });

  it('squeeze-and-excite', () => {
    const net = builder({ kind: 'none', proxy: false });
    const input = net.graph.input('input', [2, 6, 3, 4]);
    const left = net.squeezeExcite('se', { tensor: input }, { hidden: 2 });
    const right = net.graph.constant('weights', left.shape, goldenFill(size(left.shape), 'weights'));
    const weighted = net.graph.apply(binary, 'weighted', { left, right }, { function: 'multiply' });
    const axes = [0, 1, 2, 3];
    const sum = net.graph.apply(reduce, 'sum', { input: weighted }, { function: 'sum', axes });
    compareNetwork('squeeze-and-excite', net, input, sum);
  });
});

describe('updates equal another implementation’s', () => {
  const rates = [0.1, 0.05, 0.2];
  const [beta1, beta2] = [0.8, 0.95];

  it.each<[string, Optimizer]>([
    ['sgd', sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 })],
    ['rmsprop', rmsprop({ learningRate: 0.1, momentum: 0.8, weightDecay: 0.01, decay: 0.9, epsilon: 1e-3 })],
    ['adamw', adam({ learningRate: 0.1, beta1, beta2, epsilon: 0, weightDecay: 0.1 })],
    ['adam, epsilon', adam({ learningRate: 0.1, beta1, beta2, epsilon: 1e-2, weightDecay: 0 })],
  ])('%s over three steps with changing learning rates', (name, optimizer) => {
    tested.add(name);
    const graph = new GraphBuilder(name);
    const weight = graph.parameter('weight', [7], { kind: 'constant', value: 0 });
    const gradient = graph.input('gradient', [7]);
    const rate = graph.input('rate', []);
    optimizer.prepare(graph, rate)(weight, gradient);
    const step = graph.build([graph.nextOf(weight)]);
    const state = new Map<Tensor, Float64Array>([[weight, goldenFill(7, 'weight')]]);
    for (const slot of tensorsOfKind(step, 'slot')) {
      if (slot.initializer.kind !== 'constant') throw new Error(`${slot.name} starts as another tensor`);
      state.set(slot, new Float64Array(7).fill(slot.initializer.value));
    }
    const results = new Map<string, Float64Array>();
    for (const [index, value] of rates.entries()) {
      const number = index + 1;
      const given = new Map(state)
        .set(gradient, goldenFill(7, `gradient${number}`))
        .set(rate, Float64Array.of(value));
      const stepSize = tensorsOfKind(step, 'input').find((input) => input.name === 'stepSize');
      const size = (value * Math.sqrt(1 - beta2 ** number)) / (1 - beta1 ** number);
      if (stepSize) given.set(stepSize, Float64Array.of(size));
      const values = evaluate(step, given);
      for (const [tensor, next] of step.updates) state.set(tensor, values.get(next)!);
      results.set(`weight ${number}`, state.get(weight)!);
    }
    expectGolden(name, results);
  });
});

it('compares every case of the file', () => {
  expect([...tested].sort()).toEqual(Object.keys(golden.cases).sort());
});
