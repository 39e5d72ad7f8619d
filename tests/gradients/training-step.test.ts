import { describe, expect, it } from 'vitest';
import { EcfxError } from '../../src/errors.ts';
import { backpropagate } from '../../src/gradients/backpropagate.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep, type TrainingOptions } from '../../src/gradients/training-step.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { costOf, tensorsOfKind, type Graph, type Pass, type Tensor } from '../../src/graph/graph.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';
import { groupNormTraining } from '../../src/operators/normalization.ts';
import { asOperator } from '../../src/operators/registry.ts';
import { reduce } from '../../src/operators/reduction.ts';

const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0 });

function stepOf(variant: string, batch = 1, options: Partial<TrainingOptions> = {}): Graph {
  return buildTrainingStep(parseVariant(variant), batch, { optimizer, labelSmoothing: 0.1, ...options });
}

/** Multiply-accumulates by pass: convolutions, squeeze-and-excite and dense layers. */
function macsOf({ nodes }: Graph): Record<Pass, number> {
  const macs = { forward: 0, dataGradient: 0, weightGradient: 0, optimizer: 0 };
  for (const node of nodes) macs[node.pass] += costOf(node).work.macs;
  return macs;
}

describe('multiply-accumulates of a training step', () => {
  /** 3×3×3 taps for 32 channels of 112×112: the images need no gradient. */
  const firstConvolution = 27 * 32 * 112 ** 2;

  it.each([
    ['b0', 385_814_752, 2.293],
    ['b0:g16,e4,gn4', 634_668_544, 3.786],
    ['b0:g16,e4,ln+pn', 634_668_544, 3.786],
  ])('%s: forward, and twice that but for the images’ gradient', (variant, forward, gigaflops) => {
    const macs = macsOf(stepOf(variant));
    expect(macs).toEqual({
      forward,
      dataGradient: forward - firstConvolution,
      weightGradient: forward,
      optimizer: 0,
    });
    const flops = 2 * (macs.forward + macs.dataGradient + macs.weightGradient);
    expect(flops / 1e9).toBeCloseTo(gigaflops, 3);
  });

  it.each(['b0', 'b0:g16,e4,gn4'])('%s: groups multiply no gradient of any convolution', (variant) => {
    const { nodes } = stepOf(variant);
    const macsByFilter = new Map<string, number>();
    for (const node of nodes) {
      const filter = asOperator(node, 'conv2d')?.operands.filter;
      if (filter) macsByFilter.set(filter.name, costOf(node).work.macs);
    }
    let compared = 0;
    for (const node of nodes) {
      const layer = node.name.replace(/\/\d+$/, '');
      if (!/^conv2d(Filter|Input)Gradient$/.test(node.operator.name)) continue;
      expect(costOf(node).work.macs, node.name).toBe(macsByFilter.get(`${layer}.filter`));
      compared += 1;
    }
    // Both gradients of each, but for the images'.
    expect(compared).toBe(2 * macsByFilter.size - 1);
  });

  it('grow with the batch, the optimizer’s work does not', () => {
    const [one, three] = [stepOf('b0:gn4', 1), stepOf('b0:gn4', 3)];
    const { forward, dataGradient, weightGradient } = macsOf(one);
    expect(macsOf(three)).toEqual({
      forward: 3 * forward,
      dataGradient: 3 * dataGradient,
      weightGradient: 3 * weightGradient,
      optimizer: 0,
    });
    const updates = ({ nodes }: Graph) =>
      nodes
        .filter(({ pass }) => pass === 'optimizer')
        .reduce((sum, node) => sum + costOf(node).work.arithmetic, 0);
    expect(updates(three)).toBe(updates(one));
    // μv + g, w − ηv: four per parameter.
    expect(updates(one)).toBe(4 * 5_288_548);
  });
});

describe('where gradients belong', () => {
  it.each(['b0', 'b0:g16,e4,gn4', 'b0:g16,e4,ln+pn'])(
    '%s: each node to a place in the network',
    (variant) => {
      for (const node of stepOf(variant).nodes) expect(node.scope.layer, node.name).not.toBe('');
    },
  );
});

describe('frozen parameters', () => {
  const isHead = ({ name }: Tensor) => name.startsWith('head.');
  const isDense = ({ name }: Tensor) => name.startsWith('head.classifier.');
  const gradientNodes = ({ nodes }: Graph) => nodes.filter(({ pass }) => pass.endsWith('Gradient'));

  it.each(['b0', 'b0:g16,e4,gn4', 'b0:g16,e4,ln+pn'])(
    '%s: no gradient nodes outside a trained head',
    (variant) => {
      const graph = stepOf(variant, 1, { isTrainable: isHead });
      const stages = new Set(gradientNodes(graph).map(({ scope }) => scope.stage));
      expect([...stages].sort()).toEqual(['head', 'loss']);
      for (const tensor of tensorsOfKind(graph, 'parameter'))
        expect(graph.updates.has(tensor), tensor.name).toBe(isHead(tensor));
      for (const { name } of tensorsOfKind(graph, 'slot')) expect(name).toMatch(/^head\./);
    },
  );

  it('cost nothing: a head’s gradients are those of a 1×1 convolution and a dense layer', () => {
    const macs = macsOf(stepOf('b0', 1, { isTrainable: isHead }));
    const [convolution, dense] = [320 * 1280 * 7 ** 2, 1280 * 1000];
    expect(macs).toEqual({
      forward: 385_814_752,
      dataGradient: dense,
      weightGradient: convolution + dense,
      optimizer: 0,
    });
  });

  it('leave of a dense layer only its own gradient', () => {
    const graph = stepOf('b0', 1, { isTrainable: isDense });
    expect(macsOf(graph)).toMatchObject({ dataGradient: 0, weightGradient: 1280 * 1000 });
    expect(gradientNodes(graph).length).toBeLessThan(8);
  });

  it('before trained ones get none, those after pass the gradient on', () => {
    const graph = stepOf('b0', 1, { isTrainable: ({ name }) => name.startsWith('stages.5.') });
    const stages = new Set(gradientNodes(graph).map(({ scope }) => scope.stage));
    expect([...stages].sort()).toEqual(['head', 'loss', 'stages.5', 'stages.6', 'stages.7']);
    const weightGradients = graph.nodes.filter(({ pass }) => pass === 'weightGradient');
    expect(new Set(weightGradients.map(({ scope }) => scope.stage))).toEqual(new Set(['stages.5']));
  });
});

describe('what cannot be trained', () => {
  it('batch norm over a single value is refused by name', () => {
    const action = () => stepOf('b0@32', 1);
    expect(action).toThrow(EcfxError);
    expect(action).toThrow(
      /stages\.6\.1\.spatial\.norm: batchNormTraining\(input 1×672×1×1, .*\): batch norm needs more than one value per channel/,
    );
  });

  it.each([
    ['b0@32', 2],
    ['b0@33', 1],
    ['b0@32:gn4', 1],
    ['b0@32:ln+pn', 1],
  ])('%s, batch %d is not', (variant, batch) => {
    expect(() => stepOf(variant, batch)).not.toThrow();
  });

  it('a scalar that was computed from a norm’s statistics', () => {
    const graph = new GraphBuilder('test');
    const input = graph.parameter('input', [1, 2, 2, 2], { kind: 'constant', value: 1 });
    const [, mean] = graph.applyAll(groupNormTraining, 'norm', { input }, { groups: 1, epsilon: 1e-3 });
    const sum = graph.apply(reduce, 'sum', { input: mean! }, { function: 'sum', axes: [0, 1] });
    expect(() => backpropagate(graph, sum, [input])).toThrow(
      'norm: no gradient flows through its further output norm:1',
    );
  });
});
