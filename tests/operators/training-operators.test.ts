import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/graph/shape-error.ts';
import { activationFunctions, activationGradient, activationNames } from '../../src/operators/activation.ts';
import { broadcast, sumTo } from '../../src/operators/broadcasting.ts';
import { conv2dFilterGradient, conv2dInputGradient } from '../../src/operators/convolution-gradients.ts';
import { conv2d } from '../../src/operators/convolution.ts';
import { softmaxCrossEntropy, softmaxCrossEntropyGradient } from '../../src/operators/loss.ts';
import {
  batchNormGradient,
  batchNormTraining,
  groupNormGradient,
  groupNormTraining,
} from '../../src/operators/normalization.ts';
import { adamUpdate, rmspropUpdate, sgdUpdate } from '../../src/operators/optimizers.ts';
import { noPads, resolvePads } from '../../src/operators/padding.ts';
import { pool2d, pool2dGradient } from '../../src/operators/pooling.ts';
import { apply, applyAll, work } from './apply.ts';

describe('gradients of convolutions cost what forward costs', () => {
  const plain = { stride: 1, dilation: 1, groups: 1, pads: noPads };
  const same = (side: number, kernel: number, stride: number, dilation = 1) =>
    resolvePads('same', [side, side], kernel, stride, dilation);

  // Worked out by hand: N · M · H′ · W′ · (C / groups) · kh · kw.
  test.each([
    ['pointwise', [2, 16, 7, 7], [24, 16, 1, 1], plain, 2 * 24 * 49 * 16],
    [
      'dense, stride 2',
      [1, 3, 224, 224],
      [32, 3, 3, 3],
      { ...plain, stride: 2, pads: same(224, 3, 2) },
      10_838_016,
    ],
    [
      'depthwise',
      [2, 144, 56, 56],
      [144, 1, 3, 3],
      { ...plain, groups: 144, pads: same(56, 3, 1) },
      2 * 144 * 56 ** 2 * 9,
    ],
    [
      'grouped by 16',
      [1, 96, 28, 28],
      [96, 16, 5, 5],
      { ...plain, groups: 6, stride: 2, pads: same(28, 5, 2) },
      96 * 14 ** 2 * 16 * 25,
    ],
    [
      'dilated',
      [1, 8, 14, 14],
      [4, 8, 3, 3],
      { ...plain, dilation: 2, pads: same(14, 3, 1, 2) },
      4 * 14 ** 2 * 72,
    ],
  ])('%s', (_, input, filter, attributes, macs) => {
    const forward = apply(conv2d, { input, filter }, attributes);
    const outputGradient = forward.shape;
    const data = apply(conv2dInputGradient, { outputGradient, filter }, { ...attributes, inputShape: input });
    const weights = apply(
      conv2dFilterGradient,
      { input, outputGradient },
      { ...attributes, filterShape: filter },
    );
    expect(data.shape).toEqual(input);
    expect(weights.shape).toEqual(filter);
    for (const { work: done } of [forward, data, weights]) expect(done).toEqual(work(macs));
  });

  test.each([
    [
      'a gradient of another extent',
      () =>
        apply(
          conv2dInputGradient,
          { outputGradient: [1, 4, 8, 8], filter: [4, 2, 3, 3] },
          { ...plain, inputShape: [1, 2, 8, 8] },
        ),
      /forward result is 1×4×6×6, its gradient 1×4×8×8/,
    ],
    [
      'a filter for other channels',
      () =>
        apply(
          conv2dFilterGradient,
          { input: [1, 4, 8, 8], outputGradient: [1, 4, 6, 6] },
          { ...plain, groups: 4, filterShape: [4, 4, 3, 3] },
        ),
      /a filter for 16 channels, not 4/,
    ],
  ])('but %s is refused', (_, action, message) => {
    expect(action).toThrow(ShapeError);
    expect(action).toThrow(message);
  });
});

describe('norms of training', () => {
  const input = [2, 8, 5, 5];
  const vectors = { runningMean: [8], runningVariance: [8] };
  const attributes = { epsilon: 1e-3, decay: 0.97 };

  test('batch norm: output, mean, 1 / deviation, next running mean and variance', () => {
    const shapes = { input, ...vectors, scale: [8], offset: [8] };
    const result = applyAll(batchNormTraining, shapes, attributes);
    expect(result.shapes).toEqual([input, [8], [8], [8], [8]]);
    // Mean 1, variance 3, normalized 2, scale and offset 2; statistics 4 and running ones 6 a channel, and a root.
    expect(result.work).toEqual(work(0, 8 * 400 + 10 * 8, 8));
    expect(applyAll(batchNormTraining, { input, ...vectors }, attributes).work).toEqual(
      work(0, 6 * 400 + 10 * 8, 8),
    );
    expect(result.traffic).toEqual({ read: 400 + 4 * 8, written: 400 + 4 * 8 });
  });

  test('gradient of batch norm: input, scale, offset', () => {
    const shapes = { outputGradient: input, input, mean: [8], inverseDeviation: [8], scale: [8] };
    const result = applyAll(batchNormGradient, shapes, {});
    expect(result.shapes).toEqual([input, [8], [8]]);
    expect(result.work).toEqual(work(0, 7 * 400 + 10 * 8));
    expect(result.traffic).toEqual({ read: 2 * 400 + 3 * 8, written: 400 + 2 * 8 });
  });

  test('group norm: output and a mean and 1 / deviation for each image and group', () => {
    const result = applyAll(groupNormTraining, { input, scale: [8] }, { groups: 4, epsilon: 1e-3 });
    expect(result.shapes).toEqual([input, [2, 4], [2, 4]]);
    expect(result.work).toEqual(work(0, 7 * 400 + 4 * 8, 8));
  });

  test('gradient of group norm: input, scale, offset', () => {
    const shapes = { outputGradient: input, input, mean: [2, 4], inverseDeviation: [2, 4] };
    const result = applyAll(groupNormGradient, shapes, { groups: 4, epsilon: 1e-3 });
    expect(result.shapes).toEqual([input, [8], [8]]);
    expect(result.work).toEqual(work(0, 7 * 400 + 10 * 2 * 8));
  });

  test.each([
    [
      'one value per channel',
      () => apply(batchNormTraining, { input: [1, 8, 1, 1], ...vectors }, attributes),
    ],
    [
      'running statistics of another length',
      () => apply(batchNormTraining, { input: [2, 4, 5, 5], ...vectors }, attributes),
    ],
    [
      'a gradient of another shape',
      () =>
        apply(
          batchNormGradient,
          { outputGradient: [2, 8, 5, 4], input, mean: [8], inverseDeviation: [8] },
          {},
        ),
    ],
    [
      'statistics of other groups',
      () =>
        apply(
          groupNormGradient,
          { outputGradient: input, input, mean: [2, 2], inverseDeviation: [2, 4] },
          { groups: 4, epsilon: 1e-3 },
        ),
    ],
  ])('refuse %s', (_, action) => {
    expect(action).toThrow(ShapeError);
  });

  test('batch norm takes two images of one position', () => {
    expect(apply(batchNormTraining, { input: [2, 8, 1, 1], ...vectors }, attributes).shape).toEqual([
      2, 8, 1, 1,
    ]);
  });
});

describe('gradients element by element', () => {
  test.each(activationNames)('%s: its derivative and a product for each', (name) => {
    const { arithmetic, transcendental } = activationFunctions[name].derivative;
    const shapes = { outputGradient: [2, 3, 4, 5], input: [2, 3, 4, 5] };
    const result = apply(activationGradient, shapes, { function: name });
    expect(result.shape).toEqual([2, 3, 4, 5]);
    expect(result.work).toEqual(work(0, 120 * (arithmetic + 1), 120 * transcendental));
    expect(result.traffic).toEqual({ read: 240, written: 120 });
  });

  test('pooling: two for each tap', () => {
    const window = { kernel: [3, 3] as const, stride: 2, dilation: 1, pads: noPads };
    const { shape: outputGradient } = apply(pool2d, { input: [1, 4, 9, 9] }, { function: 'max', window });
    const shapes = { outputGradient, input: [1, 4, 9, 9] };
    const result = apply(pool2dGradient, shapes, { function: 'max', window });
    expect(result.shape).toEqual([1, 4, 9, 9]);
    expect(result.work).toEqual(work(0, 2 * 4 * 16 * 9));
  });

  test('refuse another shape than the forward result', () => {
    const window = { kernel: [3, 3] as const, stride: 2, dilation: 1, pads: noPads };
    const shapes = { outputGradient: [1, 4, 9, 9], input: [1, 4, 9, 9] };
    expect(() => apply(pool2dGradient, shapes, { function: 'max', window })).toThrow(ShapeError);
    expect(() =>
      apply(activationGradient, { outputGradient: [2], input: [3] }, { function: 'relu' }),
    ).toThrow(ShapeError);
  });
});

describe('broadcasting', () => {
  test('computes nothing and writes all', () => {
    const result = apply(broadcast, { input: [3, 1] }, { shape: [2, 3, 4] });
    expect(result).toEqual({ shape: [2, 3, 4], work: work(0), traffic: { read: 3, written: 24 } });
  });

  test('is summed back with an addition for each', () => {
    const result = apply(sumTo, { input: [2, 3, 4] }, { shape: [3, 1] });
    expect(result).toEqual({ shape: [3, 1], work: work(0, 24), traffic: { read: 24, written: 3 } });
  });

  test.each([
    ['to another extent', () => apply(broadcast, { input: [3] }, { shape: [2, 4] })],
    ['to fewer axes', () => apply(broadcast, { input: [2, 3] }, { shape: [3] })],
    ['a sum to another extent', () => apply(sumTo, { input: [2, 4] }, { shape: [3] })],
  ])('%s is refused', (_, action) => {
    expect(action).toThrow(ShapeError);
  });
});

describe('loss', () => {
  const shapes = { logits: [8, 1000], labels: [8, 1000] };

  test('a number: five for each logit and an exponential, a logarithm for each image', () => {
    const result = apply(softmaxCrossEntropy, shapes, {});
    expect(result.shape).toEqual([]);
    expect(result.work).toEqual(work(0, 5 * 8000, 8000 + 8));
  });

  test('its gradient has the shape of the logits', () => {
    const result = apply(softmaxCrossEntropyGradient, shapes, {});
    expect(result.shape).toEqual([8, 1000]);
    expect(result.work).toEqual(work(0, 6 * 8000, 8000));
  });

  test('refuses labels of other classes', () => {
    const unlike = { logits: [8, 1000], labels: [8, 10] };
    expect(() => apply(softmaxCrossEntropy, unlike, {})).toThrow(ShapeError);
    expect(() => apply(softmaxCrossEntropyGradient, unlike, {})).toThrow(ShapeError);
  });
});

describe('updates', () => {
  const shape = [3, 5];
  const tensors = { parameter: shape, gradient: shape };
  const momentum = 0.9;

  // Per element; weight decay adds a product and a sum.
  test.each([
    [0, 0],
    [0.1, 2],
  ])('with weight decay %d', (weightDecay, extra) => {
    const sgd = applyAll(
      sgdUpdate,
      { ...tensors, velocity: shape, learningRate: [] },
      { momentum, weightDecay },
    );
    expect(sgd.shapes).toEqual([shape, shape]);
    expect(sgd.work).toEqual(work(0, 15 * (4 + extra)));

    const rmsprop = applyAll(
      rmspropUpdate,
      { ...tensors, meanSquare: shape, velocity: shape, learningRate: [] },
      { momentum, weightDecay, decay: 0.9, epsilon: 1e-3 },
    );
    expect(rmsprop.shapes).toEqual([shape, shape, shape]);
    expect(rmsprop.work).toEqual(work(0, 15 * (10 + extra), 15));

    const adam = applyAll(
      adamUpdate,
      { ...tensors, mean: shape, meanSquare: shape, stepSize: [], learningRate: [] },
      { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay },
    );
    expect(adam.shapes).toEqual([shape, shape, shape]);
    expect(adam.work).toEqual(work(0, 15 * (11 + extra), 15));
  });

  test.each([
    ['a gradient of another shape', { ...tensors, gradient: [5, 3], velocity: shape, learningRate: [] }],
    ['a learning rate for each element', { ...tensors, velocity: shape, learningRate: shape }],
  ])('refuse %s', (_, shapes) => {
    expect(() => apply(sgdUpdate, shapes, { momentum, weightDecay: 0 })).toThrow(ShapeError);
  });
});
