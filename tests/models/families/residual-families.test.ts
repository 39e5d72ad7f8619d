import { describe, expect, test } from 'vitest';
import type { EcfxError } from '../../../src/errors.ts';
import { models } from '../../../src/models/registry.ts';
import { resNetRsLadder } from '../../../src/models/families/resnet-rs.ts';
import { buildGraph, formatVariant, parseVariant } from '../../../src/models/variants/variant.ts';
import { asOperator } from '../../../src/operators/registry.ts';
import { countsOf, nodesOf } from '../../support/count-variant.ts';

/** Tables of the papers and their codes that no file of fixtures/published holds: parameters, GMAC, M activations. */
test.each<[string, number, string | undefined, string | undefined]>([
  ['resnet-152', 60_192_808, '11.514', '22.555'],
  // Worked out by hand: three 3×3 for the 7×7 are 19,232 more.
  ['resnet-50d', 25_557_032 + 19_232, undefined, undefined],
  ['resnet-rs-101@160', 63_618_696, '4.182', '8.84'],
  ['resnet-rs-152@192', 86_621_576, '8.747', '17.37'],
  ['resnet-rs-152@224', 86_621_576, '11.895', '23.62'],
  ['resnet-rs-200', 93_209_992, '20.093', '43.42'],
  ['resnet-rs-350@256', 163_956_168, '34.377', '68.84'],
  ['resnet-rs-350', 163_956_168, '53.684', '107.49'],
  ['resnet-rs-420', 191_891_656, '63.942', '126.56'],
  ['regnety-600mf', 6_055_160, '0.6012', '4.334'],
  ['regnety-800mf-tv', 6_432_512, '0.8339', '5.421'],
  ['convnext-l', 197_767_336, '34.361', undefined],
  ['nf-resnet-152', 60_192_858, '11.514', undefined],
  ['nf-resnet-600', 300_646_896, '44.269', undefined],
  ['nf-regnet-b0', 8_595_372, '0.444', undefined],
  ['nf-regnet-b2', 13_785_904, '1.145', undefined],
  ['nf-regnet-b6', 70_045_805, '20.137', undefined],
  ['nf-regnet-b7', 101_743_204, '38.161', undefined],
  ['nf-regnet-b1-timm', 10_223_984, '0.791', undefined],
  ['nf-regnet-b4-timm', 30_210_816, '4.629', undefined],
  ['nfnet-f1', 132_634_256, '35.539', '46.77'],
  ['nfnet-f4', 316_069_172, '215.241', '262.26'],
  ['nfnet-f4@train', 316_069_172, '121.122', undefined],
  ['nfnet-f5', 377_214_144, '289.757', '349.71'],
  ['nfnet-f7', 499_504_088, '478.782', '570.85'],
  ['lambda-resnet-50-r23', 14_995_592, undefined, undefined],
  ['lambda-resnet-50ts', 21_536_832, undefined, undefined],
])('%s has the counts of its source', (variant, parameters, gigaMacs, activations) => {
  const { perStep } = countsOf(variant);
  const decimals = (text: string) => text.split('.')[1]!.length;
  expect(perStep.parameters).toBe(parameters);
  if (gigaMacs !== undefined) expect((perStep.macs / 1e9).toFixed(decimals(gigaMacs))).toBe(gigaMacs);
  if (activations !== undefined)
    expect((perStep.activations / 1e6).toFixed(decimals(activations))).toBe(activations);
});

test('the rows of a table are the stages of its network, but for a head that only classifies', () => {
  for (const model of models.values()) {
    const rows = model.stages(model.defaults).map(({ stage }) => stage);
    const nodes = buildGraph(parseVariant(model.name), 1).nodes;
    const stages = [...new Set(nodes.map(({ scope }) => scope.stage))];
    const missing = stages.filter((stage) => !rows.includes(stage));
    expect([model.name, stages]).toEqual([model.name, [...rows, ...missing]]);
    expect(missing.every((stage) => stage === 'head')).toBe(true);
  }
});

describe('ResNet', () => {
  test('the v1 of keras.applications: one bias more for each channel of a batch norm, and its running statistics', () => {
    for (const [size, published] of [
      [50, 25_636_712],
      [101, 44_707_176],
      [152, 60_419_944],
    ] as const) {
      const { parameters, buffers } = countsOf(`resnet-${size}`).perStep;
      const channels = buffers / 2;
      expect(parameters + buffers + channels).toBe(published);
    }
    expect(countsOf('resnet-50').perStep.buffers / 2).toBe(26_560);
  });

  test('the stride is in the 3×3, and the D form halves by a mean before its shortcut', () => {
    const strides = (variant: string, name: string) => {
      const found = nodesOf(variant).find(({ node }) => node.name === name);
      return found && asOperator(found.node, 'conv2d')?.attributes.stride;
    };
    expect(strides('resnet-50', 'stages.2.1.reduce.conv')).toBe(1);
    expect(strides('resnet-50', 'stages.2.1.spatial.conv')).toBe(2);
    expect(strides('resnet-50', 'stages.2.1.shortcut.conv')).toBe(2);
    expect(strides('resnet-50d', 'stages.2.1.shortcut.conv')).toBe(1);
    const pools = nodesOf('resnet-50d').filter(({ operator }) => operator === 'pool2d (average)');
    expect(pools).toHaveLength(3);
  });

  test('timm’s pre-activation ResNet-50-D with EvoNorm S0: 25.59 M parameters, 4.33 GMAC', () => {
    const { parameters, macs } = countsOf('resnetv2-50d:evonorm-s0').perStep;
    expect((parameters / 1e6).toFixed(2)).toBe('25.59');
    expect((macs / 1e9).toFixed(2)).toBe('4.33');
  });
});

describe('the ladder of ResNet-RS', () => {
  // Bello et al. 2021: FLOPs there are twice the multiply-accumulates; the others follow from its tables.
  const printed = ['4.6', '8.4', '12.0', '17.5', '23.8', '31.1', '40.2', '53.9', '68.8', '107.4', '127.9'];

  test('has the operations of the paper, and each rung costs more than the one before', () => {
    const operations = resNetRsLadder.map(({ depth, resolution }) => {
      return (2 * countsOf(`resnet-rs-${depth}@${resolution}`).perStep.macs) / 1e9;
    });
    expect(operations.map((each) => each.toFixed(1))).toEqual(printed);
    expect(operations).toEqual(operations.toSorted((a, b) => a - b));
  });

  test('a network’s own resolution is its highest rung', () => {
    for (const { depth, resolution } of resNetRsLadder)
      expect(models.get(`resnet-rs-${depth}`)!.resolution.native).toBeGreaterThanOrEqual(resolution);
  });
});

describe('RegNetY', () => {
  test.each([
    ['200mf', '1/1/4/7', '24/56/152/368'],
    ['800mf', '1/3/8/2', '64/128/320/768'],
    ['800mf-tv', '1/3/8/2', '64/144/320/784'],
    ['1.6gf', '2/6/17/2', '48/120/336/888'],
    ['8gf', '2/4/10/1', '168/448/896/2016'],
    ['8gf-tv', '2/4/10/1', '224/448/896/2016'],
    ['32gf', '2/5/12/1', '232/696/1392/3712'],
  ])('%s: its line gives %s blocks of %s channels', (size, repeats, channels) => {
    const { model, knobs } = parseVariant(`regnety-${size}`);
    const rows = model.stages(knobs).slice(1, -1);
    expect(rows.map((row) => row.repeats).join('/')).toBe(repeats);
    expect(rows.map((row) => row.channels).join('/')).toBe(channels);
  });
});

describe('normalizer-free networks', () => {
  test('a standardized convolution has as many parameters as one with batch norm', () => {
    const blocks = 16;
    expect(countsOf('nf-resnet-50').perStep.parameters).toBe(
      countsOf('resnet-50').perStep.parameters + blocks,
    );
    expect(countsOf('nf-resnet-50').perStep.macs).toBe(countsOf('resnet-50').perStep.macs);
  });

  test('β follows the expected variance: 1, then 1 + α² after a transition, α² more for each block', () => {
    const betas = nodesOf('nf-resnet-50')
      .filter(({ node }) => node.name.endsWith('.beta'))
      .map(({ node }) => {
        const factor = node.operands['right'];
        return [node.scope.block, factor?.kind === 'constant' ? factor.values[0]! : Number.NaN] as const;
      });
    expect(new Map(betas).get('stages.1.1')).toBeUndefined();
    expect(new Map(betas).get('stages.1.2')).toBeCloseTo(1 / Math.sqrt(1.04), 12);
    expect(new Map(betas).get('stages.1.3')).toBeCloseTo(1 / Math.sqrt(1.08), 12);
    expect(new Map(betas).get('stages.2.1')).toBeCloseTo(1 / Math.sqrt(1.12), 12);
    expect(new Map(betas).get('stages.2.2')).toBeCloseTo(1 / Math.sqrt(1.04), 12);
  });

  test('no norm is left, and weights are standardized once per update, not per image', () => {
    const nodes = nodesOf('nfnet-f0');
    expect(nodes.some(({ node }) => node.operator.name.includes('Norm'))).toBe(false);
    const standardized = nodes.filter(({ node }) => node.operator.name === 'weightStandardization');
    expect(standardized.length).toBeGreaterThan(50);
    expect(standardized.every(({ perUpdate }) => perUpdate)).toBe(true);
  });

  test('F(N − 1) is F0 with N times the blocks', () => {
    expect(countsOf('nfnet-f0@352:d3').perStep).toEqual(countsOf('nfnet-f2').perStep);
  });
});

describe('the lambda layer', () => {
  test.each([
    ['lambda-resnet-50', 4, 7],
    ['lambda-resnet-50-r23', 1, 23],
  ] as const)('of %s costs what its formula says', (variant, depth, window) => {
    const [heads, key] = [4, 16];
    const layer = 'stages.3.2.lambda';
    const nodes = nodesOf(variant).filter(({ node }) => `${node.scope.layer}.`.startsWith(`${layer}.`));
    const macs = nodes.reduce((sum, node) => sum + node.macs, 0);
    const parameters = nodes.reduce((sum, node) => sum + node.parameters, 0);
    const [n, channels] = [14 * 14, 256];
    const value = channels / heads;
    const projections = channels * (heads * key + key * depth + value * depth);
    const content = depth * n * key * value + heads * n * key * value;
    const position = depth * key * window ** 2 * n * value + heads * n * key * value;
    expect(macs).toBe(n * projections + content + position);
    const norms = 2 * (heads * key + value * depth);
    expect(parameters).toBe(projections + norms + depth * key * window ** 2);
  });

  test('with the whole image as context, every pair of positions is a product and no window is', () => {
    const layer = nodesOf('lambda-resnet-26rpt').filter(({ node }) => node.scope.block === 'stages.4.2');
    const lambda = layer.find(({ node }) => node.name.endsWith('.positionLambda'));
    expect(lambda?.macs).toBe(64 * 64 * 16 * (512 / 4));
    const embedding = layer.flatMap(({ node }) => Object.values(node.operands));
    expect(embedding.find((tensor) => tensor?.name.endsWith('.embedding'))?.shape).toEqual([16, 15, 15]);
  });

  test('members whose placement is not known say so', () => {
    for (const depth of [101, 152, 200, 270, 350, 420]) {
      const { family, source } = models.get(`lambda-resnet-${depth}`)!;
      expect(`${family} ${source}`).toMatch(/unconfirmed/);
    }
    expect(models.get('lambda-resnet-50')!.source).not.toMatch(/unconfirmed/);
  });
});

describe('modifiers', () => {
  test.each([
    ['resnet-50:w2', 'channels and parameters grow', (now: number, then: number) => now > 3 * then],
    ['resnet-50:g64', 'groups save parameters', (now: number, then: number) => now < then],
    ['resnet-50:gn32', 'group norm has as many parameters', (now: number, then: number) => now === then],
    ['regnety-400mf:dense', 'one group costs parameters', (now: number, then: number) => now > then],
    ['convnext-t:g12', 'groups cost parameters', (now: number, then: number) => now > then],
    ['nfnet-f0:relu', 'the activation has none', (now: number, then: number) => now === then],
    ['resnetv2-50:evonorm-b0', 'a third vector', (now: number, then: number) => now > then],
    ['lambda-resnet-26t:g32', 'groups save parameters', (now: number, then: number) => now < then],
  ])('%s: %s', (variant, _, holds) => {
    const [model = ''] = variant.split(':');
    expect(formatVariant(parseVariant(variant))).toBe(variant);
    expect(holds(countsOf(variant).perStep.parameters, countsOf(model).perStep.parameters)).toBe(true);
  });

  test.each([
    ['resnet-50:e4', /ResNet has no e<N> to set: a bottleneck puts out four times/],
    ['resnet-50:evonorm-s0', /residual sums stand between the two: use a pre-activation network/],
    ['regnety-4gf:w2', /widths and depths come from one line/],
    ['convnext-t:bn', /one layer norm a block/],
    ['nfnet-f0:bn', /NFNet has no .* to set: it is built to need none/],
    ['nf-regnet-b0:ln', /built to need none/],
    ['lambda-resnet-50:g8', /it has no 3×3 convolutions to put into groups/],
    ['lambda-resnet-50:d2', /lambda layers stand at given places/],
    ['resnetv2-50:evonorm-s0,gelu', /has an activation of its own/],
  ])('%s is refused', (variant, reason) => {
    expect(() => parseVariant(variant)).toThrow(reason);
  });

  test.each([
    ['resnet-5', 'resnet-50'],
    ['resnext-50', 'resnet-50'],
    ['regnety-4g', 'regnety-4gf'],
    ['nfnet-f9', 'nfnet-f0'],
    ['convnext-tiy', 'convnext-tiny'],
    ['lamda-resnet-50', 'lambda-resnet-50'],
  ])('%s is no network, but close to %s', (name, suggestion) => {
    try {
      parseVariant(name);
      expect.unreachable();
    } catch (error) {
      expect((error as EcfxError).suggestions.join(' ')).toContain(suggestion);
    }
  });

  test.each([
    ['resnet50', 'resnet-50'],
    ['ResNet_RS_152', 'resnet-rs-152'],
    ['resnetrs152', 'resnet-rs-152'],
    ['convnext_tiny', 'convnext-t'],
    ['nf_resnet50', 'nf-resnet-50'],
    ['nfnet_f0', 'nfnet-f0'],
  ])('%s is %s', (name, expected) => {
    expect(formatVariant(parseVariant(name))).toBe(expected);
  });
});
