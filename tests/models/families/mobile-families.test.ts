import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EcfxError } from '../../../src/errors.ts';
import { bigNasSpace } from '../../../src/models/families/bignas.ts';
import {
  buildGraph,
  formatVariant,
  parseVariant,
  parseVariants,
  pixels,
} from '../../../src/models/variants/variant.ts';
import { asOperator } from '../../../src/operators/registry.ts';
import { countsOf, nodesOf } from '../../support/count-variant.ts';

const rowsOf = (variant: string) => {
  const { model, knobs } = parseVariant(variant);
  return model.stages(knobs);
};
const stagesOf = (variant: string) => rowsOf(variant).filter(({ stage }) => stage.startsWith('stages.'));
const column = (variant: string, key: 'channels' | 'repeats' | 'kernel' | 'stride' | 'expandRatio') =>
  stagesOf(variant)
    .map((row) => row[key])
    .join('/');

/** Variant, pixels, widths and repeats after scaling, channels of the last convolution: the tables of the sources. */
const scaled: readonly (readonly [string, number, string, string, number])[] = [
  ['efficientnet-lite0', 224, '16/24/40/80/112/192/320', '1/2/2/3/3/4/1', 1280],
  ['efficientnet-lite1', 240, '16/24/40/80/112/192/320', '1/3/3/4/4/5/1', 1280],
  ['efficientnet-lite2', 260, '16/24/48/88/120/208/352', '1/3/3/4/4/5/1', 1280],
  ['efficientnet-lite3', 280, '24/32/48/96/136/232/384', '1/3/3/5/5/6/1', 1280],
  ['efficientnet-lite4', 300, '24/32/56/112/160/272/448', '1/4/4/6/6/8/1', 1280],
  ['efficientnetv2-b0', 224, '16/32/48/96/112/192', '1/2/2/3/5/8', 1280],
  ['efficientnetv2-b1', 240, '16/32/48/96/112/192', '2/3/3/4/6/9', 1280],
  ['efficientnetv2-b2', 260, '16/32/56/104/120/208', '2/3/3/4/6/10', 1408],
  ['efficientnetv2-b3', 300, '16/40/56/112/136/232', '2/3/3/5/7/12', 1536],
  ['efficientnetv2-s', 384, '24/48/64/128/160/256', '2/4/4/6/9/15', 1280],
  ['efficientnetv2-m', 480, '24/48/80/160/176/304/512', '3/5/5/7/14/18/5', 1280],
  ['efficientnetv2-l', 480, '32/64/96/192/224/384/640', '4/7/7/10/19/25/7', 1280],
  ['efficientnetv2-xl', 512, '32/64/96/192/256/512/640', '4/8/8/16/24/32/8', 1280],
  ['tinynet-a', 192, '16/24/40/80/112/192/320', '1/2/2/4/4/5/1', 1280],
  ['tinynet-b', 188, '16/24/32/64/88/144/240', '1/2/2/3/3/4/1', 1280],
  ['tinynet-c', 184, '8/16/24/40/64/104/176', '1/2/2/3/3/3/1', 1280],
  ['tinynet-d', 152, '8/16/24/40/64/104/176', '1/1/1/2/2/3/1', 1280],
  ['tinynet-e', 106, '8/16/24/40/56/96/160', '1/1/1/2/2/2/1', 1280],
  ['mobilenetv2', 224, '16/24/32/64/96/160/320', '1/2/3/4/3/3/1', 1280],
];

test.each(scaled)('%s has the stages of its source after scaling', (variant, side, widths, repeats, head) => {
  expect(pixels(parseVariant(variant))).toBe(side);
  expect(column(variant, 'channels')).toBe(widths);
  expect(column(variant, 'repeats')).toBe(repeats);
  expect(rowsOf(variant).at(-1)?.channels).toBe(head);
});

test('the graph has the blocks that the stage tables tell of', () => {
  const shapes = [
    ...scaled.map(([variant]) => variant),
    ...['efficientnet-x-b1', 'efficientnet-h-b5', 'mobilenetv1', 'mobilenetv3-small-050', 'ghostnet'],
    ...['attentivenas-a3', 'bignas-r7'],
  ];
  for (const variant of shapes) {
    for (const { stage, channels, repeats } of stagesOf(variant)) {
      const own = nodesOf(variant).filter(({ node }) => node.scope.stage === stage);
      expect(new Set(own.map(({ node }) => node.scope.block)).size, `${variant} ${stage}`).toBe(repeats);
      expect(own.at(-1)?.node.outputs[0]?.shape[1], `${variant} ${stage}`).toBe(channels);
    }
  }
});

describe('EfficientNetV2', () => {
  test('trains at a smaller size than it is tested at', () => {
    const sizes = ['b0', 'b1', 'b2', 'b3', 's', 'm', 'l', 'xl'].map((size) =>
      pixels(parseVariant(`efficientnetv2-${size}@train`)),
    );
    expect(sizes).toEqual([192, 192, 208, 240, 300, 384, 384, 384]);
    expect(pixels(parseVariant('b0@train'))).toBe(224);
  });

  test('a fused block that does not widen is one convolution, activated before the sum', () => {
    const own = nodesOf('efficientnetv2-s').filter(({ node }) => node.scope.block === 'stages.1.1');
    expect(own.map(({ node }) => node.operator.name)).toEqual([
      'conv2d',
      'batchNorm',
      'activation',
      'binary',
    ]);
  });

  test('rounds widths down by more than 10 %: stage 1 of B3 has 16 channels where B3 of version 1 has 24', () => {
    expect(column('efficientnetv2-b3', 'channels').split('/')[0]).toBe('16');
    expect(column('efficientnet-b3', 'channels').split('/')[0]).toBe('24');
  });
});

test('EfficientNet-X squeezes B0 four times and B1 twice as wide, and -H widens less in its early stages', () => {
  const hidden = (variant: string, block: string) =>
    nodesOf(variant).find(({ node }) => node.name === `${block}.se.reduce`)?.node.outputs[0]?.shape[1];
  expect(hidden('efficientnet-x-b0', 'stages.2.2')).toBe(24);
  expect(hidden('efficientnet-x-b1', 'stages.2.2')).toBe(12);
  expect(hidden('efficientnet-x-b0', 'stages.1.1')).toBe(32);
  expect(column('efficientnet-x-b5', 'expandRatio')).toBe('1/6/6/6/6/6/6');
  expect(column('efficientnet-h-b5', 'expandRatio')).toBe('1/4/4/4/6/6/6');
});

test('a space-to-depth window stays where symmetric padding would shrink it', () => {
  expect(countsOf('efficientnet-x-b0:symmetric')).toEqual(countsOf('efficientnet-x-b0'));
});

test('MobileNetV3 activates as its tables say, and another activation takes the place of hard-swish only', () => {
  const activations = (variant: string) =>
    new Set(
      nodesOf(variant).flatMap(({ node }) => asOperator(node, 'activation')?.attributes.function ?? []),
    );
  expect(activations('mobilenetv3-large')).toEqual(new Set(['hard-swish', 'relu', 'hard-sigmoid']));
  expect(activations('mobilenetv3-large:gelu')).toEqual(new Set(['gelu', 'relu', 'hard-sigmoid']));
  expect(activations('mobilenetv3-large-minimal')).toEqual(new Set(['relu']));
});

test('a ghost module makes half of its channels from the other half', () => {
  const own = nodesOf('ghostnet').filter(({ node }) => node.scope.layer.startsWith('stages.3.1.expand'));
  const convolutions = own.filter(({ operator }) => operator.startsWith('conv2d'));
  expect(convolutions.map(({ operator, node }) => [operator, node.outputs[0]?.shape[1]])).toEqual([
    ['conv2d (pointwise)', 36],
    ['conv2d (depthwise)', 36],
  ]);
  expect(own.at(-1)?.node.outputs[0]?.shape[1]).toBe(72);
});

test('every block of AttentiveNAS is residual', () => {
  const nodes = nodesOf('attentivenas-a0').map(({ node }) => node);
  const blocks = new Set(
    nodes.map(({ scope }) => scope.block).filter((block) => block.startsWith('stages.')),
  );
  expect(nodes.filter((node) => node.name.endsWith('.add'))).toHaveLength(blocks.size);
});

describe('the space of BigNAS', () => {
  test('every child is built from choices of the space and lies between the extremes', () => {
    const [least, most] = [countsOf('bignas-min').perStep, countsOf('bignas-max').perStep];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seed) => {
        const name = `bignas-r${seed}`;
        expect(formatVariant(parseVariant(name))).toBe(name);
        expect(bigNasSpace.resolution).toContain(pixels(parseVariant(name)));
        for (const [index, { channels, kernel, repeats }] of stagesOf(name).entries()) {
          const choices = bigNasSpace.stages[index];
          expect(choices?.channels).toContain(channels);
          expect(choices?.kernels).toContain(kernel);
          expect(choices?.repeats).toContain(repeats);
        }
        const { parameters, macs } = countsOf(name).perStep;
        expect(parameters).toBeGreaterThanOrEqual(least.parameters);
        expect(parameters).toBeLessThanOrEqual(most.parameters);
        expect(macs).toBeGreaterThanOrEqual(least.macs);
        expect(macs).toBeLessThanOrEqual(most.macs);
      }),
      { numRuns: 20 },
    );
  });

  test('sampling is uniform: each of five depths about as often as the others', () => {
    const seen = new Map<number, number>();
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++) {
      const depth = stagesOf(`bignas-r${seed}`)[4]?.repeats ?? 0;
      seen.set(depth, (seen.get(depth) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([2, 3, 4, 5, 6]);
    // Five standard deviations of a binomial count.
    const tolerance = 5 * Math.sqrt(draws * 0.2 * 0.8);
    for (const count of seen.values()) expect(Math.abs(count - draws / 5)).toBeLessThan(tolerance);
  });

  test('a child is the same every time, and another seed gives another one', () => {
    expect(stagesOf('bignas-r1')).toEqual(stagesOf('bignas-r1'));
    expect(stagesOf('bignas-r1')).not.toEqual(stagesOf('bignas-r2'));
    expect(() => parseVariant('bignas-r01')).toThrow(EcfxError);
  });
});

describe('sets of networks', () => {
  const names = (...set: string[]) => parseVariants(set).map(formatVariant);

  test('a sandwich is the biggest, the smallest and two children in between', () => {
    expect(names('sandwich')).toEqual(['bignas-max', 'bignas-min', 'bignas-r1', 'bignas-r2']);
    expect(names('sandwich@64:gn4')).toEqual([
      'bignas-max@64:gn4',
      'bignas-min@64:gn4',
      'bignas-r1@64:gn4',
      'bignas-r2@64:gn4',
    ]);
  });

  test('a star stands for any part of a name', () => {
    expect(names('tinynet-*')).toEqual(['a', 'b', 'c', 'd', 'e'].map((size) => `tinynet-${size}`));
    expect(names('mobilenetv3-small*@96')).toContain('mobilenetv3-small-050@96');
    expect(() => names('tinynett-*')).toThrow(/no network is called tinynett-\*/);
  });

  test('all is every network, each once', () => {
    const everything = names('all');
    expect(new Set(everything).size).toBe(everything.length);
    expect(everything).toContain('efficientnet-b0');
  });
});

describe('names of the field', () => {
  test.each([
    ['efficientnet_v2_s', 'efficientnetv2-s'],
    ['MobileNetV3_Large_100', 'mobilenetv3-large'],
    ['mobilenet_v2', 'mobilenetv2'],
    ['ghostnet_100', 'ghostnet'],
    ['lite0', 'efficientnet-lite0'],
    ['attentive_nas_a0', 'attentivenas-a0'],
  ])('%s is %s', (alias, name) => {
    expect(formatVariant(parseVariant(alias))).toBe(name);
  });

  test.each([
    ['mobilenetv3-larg', 'mobilenetv3-large'],
    ['efficientnetv2-sm', 'efficientnetv2-s'],
    ['tinynet-f', 'tinynet-'],
    ['ghostnett', 'ghostnet'],
  ])('%s is near %s', (wrong, right) => {
    try {
      parseVariant(wrong);
      expect.unreachable();
    } catch (error) {
      expect((error as EcfxError).suggestions.join(' ')).toContain(right);
    }
  });

  test.each([
    ['efficientnetv2-s:e4', /its table gives the expansion of each stage/],
    ['mobilenetv3-large:d2', /its table gives every block/],
    ['ghostnet:g16', /cheap copies of single channels/],
    ['attentivenas-a0:w2', /the search set the channels of each stage/],
  ])('%s is refused with a reason', (name, reason) => {
    expect(() => parseVariant(name)).toThrow(reason);
  });

  test('modifiers mean something in each family', () => {
    for (const name of [
      'efficientnetv2-b0:g16',
      'mobilenetv2:evonorm-s0',
      'tinynet-e:ln+pn',
      'ghostnet:gn4',
    ]) {
      expect(buildGraph(parseVariant(name), 1).outputs[0]?.shape).toEqual([1, 1000]);
    }
  });
});
