import { describe, expect, test } from 'vitest';
import { asOperator } from '../../../src/operators/registry.ts';
import { buildGraph, parseVariant, pixels } from '../../../src/models/variants/variant.ts';
import { countsOf, nodesOf } from '../../support/count-variant.ts';

/** Tan & Le 2019 and its code: widths and repeats after scaling, parameters, with running statistics, GMAC, M activations. */
const networks = [
  ['b0', 224, 32, '16/24/40/80/112/192/320', '1/2/2/3/3/4/1', 1280, 5_288_548, 5_330_564, '0.3858', '6.75'],
  ['b1', 240, 32, '16/24/40/80/112/192/320', '2/3/3/4/4/5/2', 1280, 7_794_184, 7_856_232, '0.6868', '10.88'],
  ['b2', 260, 32, '16/24/48/88/120/208/352', '2/3/3/4/4/5/2', 1408, 9_109_994, 9_177_562, '0.9936', '13.83'],
  [
    'b3',
    300,
    40,
    '24/32/48/96/136/232/384',
    '2/3/3/5/5/6/2',
    1536,
    12_233_232,
    12_320_528,
    '1.8271',
    '23.83',
  ],
  [
    'b4',
    380,
    48,
    '24/32/56/112/160/272/448',
    '2/4/4/6/6/8/2',
    1792,
    19_341_616,
    19_466_816,
    '4.3938',
    '49.49',
  ],
  [
    'b5',
    456,
    48,
    '24/40/64/128/176/304/512',
    '3/5/5/7/7/9/3',
    2048,
    30_389_784,
    30_562_520,
    '10.2664',
    '98.86',
  ],
  [
    'b6',
    528,
    56,
    '32/40/72/144/200/344/576',
    '3/6/6/8/8/11/3',
    2304,
    43_040_704,
    43_265_136,
    '19.0676',
    '167.39',
  ],
  [
    'b7',
    600,
    64,
    '32/48/80/160/224/384/640',
    '4/7/7/10/10/13/4',
    2560,
    66_347_960,
    66_658_680,
    '37.7459',
    '289.94',
  ],
  [
    'b8',
    672,
    72,
    '32/56/88/176/248/424/704',
    '4/8/8/11/11/15/4',
    2816,
    87_413_142,
    87_793_174,
    '62.5975',
    '442.89',
  ],
  [
    'l2',
    800,
    136,
    '72/104/176/344/480/824/1376',
    '6/11/11/16/16/22/6',
    5504,
    480_309_308,
    481_399_996,
    '475.7037',
    '1707.39',
  ],
] as const;

describe.each(networks)(
  'EfficientNet-%s',
  (size, resolution, stem, widths, repeats, head, parameters, withBuffers, gigaMacs, activations) => {
    const variant = `efficientnet-${size}`;

    test('has the stages of the paper after scaling', () => {
      const { model, knobs } = parseVariant(variant);
      const rows = model.stages(knobs);
      const inner = rows.slice(1, -1);
      expect(rows[0]?.channels).toBe(stem);
      expect(rows.at(-1)?.channels).toBe(head);
      expect(inner.map(({ channels }) => channels).join('/')).toBe(widths);
      expect(inner.map((row) => row.repeats).join('/')).toBe(repeats);
      expect(inner.map(({ kernel }) => kernel).join('')).toBe('3353553');
      expect(inner.map(({ stride }) => stride).join('')).toBe('1222121');
      expect(inner.map(({ expandRatio }) => expandRatio).join('')).toBe('1666666');
    });

    test('has the published counts', () => {
      const { perStep } = countsOf(variant);
      expect(pixels(parseVariant(variant))).toBe(resolution);
      expect(perStep.parameters).toBe(parameters);
      expect(perStep.parameters + perStep.buffers).toBe(withBuffers);
      expect((perStep.macs / 1e9).toFixed(4)).toBe(gigaMacs);
      expect((perStep.activations / 1e6).toFixed(2)).toBe(activations);
    });
  },
);

test('the graph has the blocks that the stage table tells of', () => {
  for (const name of ['b0', 'b3', 'b0:d2,w0.5']) {
    const variant = parseVariant(name);
    const { nodes } = buildGraph(variant, 1);
    for (const { stage, channels, repeats } of variant.model.stages(variant.knobs).slice(1, -1)) {
      const projections = nodes.filter(
        (node) => node.scope.stage === stage && node.name.endsWith('.project.conv'),
      );
      expect(projections).toHaveLength(repeats);
      for (const projection of projections) expect(projection.outputs[0]?.shape[1]).toBe(channels);
    }
  }
});

test('the squeeze is a quarter of the block’s input, not of its expansion', () => {
  const reduce = nodesOf('b0').find(({ node }) => node.name === 'stages.6.2.se.reduce');
  expect(reduce?.node.outputs[0]?.shape).toEqual([1, 48, 1, 1]);
});

test('blocks of one shape are residual, the others are not, and projections have no activation', () => {
  const nodes = nodesOf('b0').map(({ node }) => node);
  const sums = nodes.filter((node) => node.name.endsWith('.add')).map(({ scope }) => scope.block);
  expect(sums).toEqual([
    'stages.2.2',
    'stages.3.2',
    'stages.4.2',
    'stages.4.3',
    'stages.5.2',
    'stages.5.3',
    'stages.6.2',
    'stages.6.3',
    'stages.6.4',
  ]);
  const projected = nodes.filter(({ scope }) => scope.layer.endsWith('.project'));
  expect(new Set(projected.map((node) => node.operator.name))).toEqual(new Set(['conv2d', 'batchNorm']));
});

describe('group convolutions of the study', () => {
  // parameters, GMAC at the native and at half the resolution; parameters with LN + PN in millions
  test.each([
    ['b0', 5_913_796, '0.6347', '0.3246', '5.9385'],
    ['b1', 8_332_120, '1.1117', '0.6060', '8.3683'],
    ['b2', 9_504_122, '1.5225', '0.8909', '9.5436'],
    ['b3', 12_590_896, '2.7309', '1.2907', '12.6418'],
    ['b4', 19_328_168, '6.1832', '2.7430', '19.4010'],
    ['b5', 28_715_320, '13.5012', '7.0965', '28.8156'],
  ])('G16 with expansion 4: %s', (size, parameters, native, half, withProxyNorm) => {
    const { perStep } = countsOf(`${size}:g16,e4,gn4`);
    expect(perStep.parameters).toBe(parameters);
    expect((perStep.macs / 1e9).toFixed(4)).toBe(native);
    expect((countsOf(`${size}@half:g16,e4,gn4`).perStep.macs / 1e9).toFixed(4)).toBe(half);
    const proxy = countsOf(`${size}:g16,e4,ln+pn`).perStep;
    expect((proxy.parameters / 1e6).toFixed(4)).toBe(withProxyNorm);
    expect(proxy.macs).toBe(perStep.macs);
  });

  test.each([
    ['b0', '0.3858', '0.1978', '0.3440', '0.4167', '0.4894', '4.457', '5.146'],
    ['b1', '0.6868', '0.3772', '0.6039', '0.7359', '0.8679', '6.277', '7.421'],
    ['b2', '0.9936', '0.5867', '0.8548', '1.0439', '1.2330', '7.271', '8.609'],
    ['b3', '1.8271', '0.8700', '1.5417', '1.8843', '2.2269', '9.613', '11.481'],
    ['b4', '4.3938', '1.9520', '3.6342', '4.4627', '5.2912', '14.878', '17.944'],
    ['b5', '10.2664', '5.4241', '8.2650', '10.1801', '12.0952', '22.783', '27.697'],
  ])('G1 native and half; G4 with expansion 4, 5 and 6: %s', (size, ...expected) => {
    const giga = (variant: string) => (countsOf(variant).perStep.macs / 1e9).toFixed(4);
    const mega = (variant: string) => (countsOf(variant).perStep.parameters / 1e6).toFixed(3);
    expect([
      giga(`${size}:gn4`),
      giga(`${size}@half:gn4`),
      giga(`${size}:g4,e4,gn4`),
      giga(`${size}:g4,e5,gn4`),
      giga(`${size}:g4,gn4`),
      mega(`${size}:g4,e4,gn4`),
      mega(`${size}:g4,e5,gn4`),
    ]).toEqual(expected);
  });

  test('the number of groups is rounded down, and channels are left as they are', () => {
    const groups = (variant: string, name: string) => {
      const found = nodesOf(variant).find(({ node }) => node.name === name);
      const convolution = found && asOperator(found.node, 'conv2d');
      return [convolution?.operands.input.shape[1], convolution?.attributes.groups];
    };
    expect(groups('b3:g16,e4', 'stages.1.1.spatial.conv')).toEqual([40, 2]);
    expect(groups('b3:g16,e4', 'stages.1.2.spatial.conv')).toEqual([24, 1]);
    expect(groups('b0:g16,e4', 'stages.2.1.spatial.conv')).toEqual([64, 4]);
  });

  test('a group as large as the layer is a dense convolution, and group size 1 a depthwise one', () => {
    const kinds = (variant: string) =>
      new Set(
        nodesOf(variant)
          .filter(({ node }) => node.name.endsWith('.spatial.conv'))
          .map(({ operator }) => operator),
      );
    expect(kinds('b0:g4096')).toEqual(new Set(['conv2d (dense)']));
    expect(kinds('b0')).toEqual(new Set(['conv2d (depthwise)']));
    expect(kinds('b0:g16,e4')).toEqual(new Set(['conv2d (grouped)']));
  });

  test('a group size that does not divide is refused, with the place where', () => {
    expect(() => buildGraph(parseVariant('b0:g7'), 1)).toThrow(
      /^efficientnet-b0:g7: group size 7 does not fit: the 96 channels after stages\.2\.1\.expand/,
    );
  });
});

describe('knobs', () => {
  test('the norm changes neither MACs nor convolutions', () => {
    const { macs, activations } = countsOf('b0').perStep;
    for (const norm of ['gn4', 'ln', 'in', 'none', 'bn+pn', 'gn4+pn', 'ln+pn', 'in+pn', 'none+pn']) {
      const counts = countsOf(`b0:${norm}`).perStep;
      expect([norm, counts.macs, counts.activations]).toEqual([norm, macs, activations]);
    }
  });

  test('without a norm, convolutions get a bias in its place', () => {
    const normless = countsOf('b0:none').perStep;
    expect(normless.buffers).toBe(0);
    // A bias instead of scale and offset: half of the 42,016 parameters of batch norm.
    expect(normless.parameters).toBe(5_288_548 - 42_016 / 2);
  });

  test('only batch norm has running statistics', () => {
    expect(countsOf('b0').perStep.buffers).toBe(42_016);
    for (const norm of ['gn4', 'ln', 'in']) expect(countsOf(`b0:${norm}`).perStep.buffers).toBe(0);
  });

  test('group norm has at most one group per channel; layer norm one, instance norm as many as channels', () => {
    const groups = (variant: string) =>
      nodesOf(variant).flatMap(({ node }) => {
        const norm = asOperator(node, 'groupNorm');
        return norm ? [[norm.attributes.groups, norm.operands.input.shape[1]] as const] : [];
      });
    expect(groups('b0:gn4').every(([count]) => count === 4)).toBe(true);
    expect(groups('b0:ln').every(([count]) => count === 1)).toBe(true);
    expect(groups('b0:in').every(([count, channels]) => count === channels)).toBe(true);
    expect(() => buildGraph(parseVariant('b0:gn5'), 1)).toThrow(/32 channels do not divide into 5 groups/);
  });

  test('another activation function takes the place of swish everywhere but in the gate', () => {
    const operators = new Set(nodesOf('b0:relu').map(({ operator }) => operator));
    expect(operators).toContain('activation (relu)');
    expect(operators).toContain('activation (sigmoid)');
    expect(operators).not.toContain('activation (swish)');
  });

  test('the padding rule moves pixels and changes no count', () => {
    for (const name of ['b0', 'b1', 'b3@half:g16,e4']) {
      const joiner = name.includes(':') ? ',' : ':';
      expect(countsOf(`${name}${joiner}symmetric`)).toEqual(countsOf(name));
    }
    const stem = (variant: string) =>
      asOperator(nodesOf(variant)[0]?.node as never, 'conv2d')?.attributes.pads;
    expect(stem('b0')).toEqual({ before: [0, 0], after: [1, 1] });
    expect(stem('b0:symmetric')).toEqual({ before: [1, 1], after: [1, 1] });
  });

  test('half the resolution of the study is a number for B0 to B5', () => {
    const half = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5'].map((size) => pixels(parseVariant(`${size}@half`)));
    expect(half).toEqual([160, 176, 196, 204, 252, 328]);
    for (const size of ['b0', 'b1', 'b2', 'b3', 'b4', 'b5']) {
      const native = pixels(parseVariant(size));
      expect(pixels(parseVariant(`${size}@half`)) % 32).toBe(native % 32);
    }
  });
});
