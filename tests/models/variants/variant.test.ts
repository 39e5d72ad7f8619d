import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EcfxError } from '../../../src/errors.ts';
import { activationNames } from '../../../src/operators/activation.ts';
import { paddingRules } from '../../../src/operators/padding.ts';
import { models } from '../../../src/models/registry.ts';
import { defaultVariants, studyConfigurations } from '../../../src/models/variants/study.ts';
import {
  buildGraph,
  formatVariant,
  parseVariant,
  parseVariants,
  type Variant,
} from '../../../src/models/variants/variant.ts';

const canonical = (name: string) => formatVariant(parseVariant(name));

function refusal(action: () => unknown): EcfxError {
  try {
    action();
  } catch (error) {
    if (error instanceof EcfxError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Multipliers as people write them, with up to three decimals. */
const multiplier = fc.integer({ min: 50, max: 10_000 }).map((thousandths) => thousandths / 1000);

const norms = fc
  .record({
    kind: fc.constantFrom('batch', 'layer', 'instance', 'none'),
    proxy: fc.boolean(),
  })
  .map((norm) => norm as Variant['knobs']['norm']);
const groupNorms = fc
  .record({ groups: fc.integer({ min: 1, max: 4096 }), proxy: fc.boolean() })
  .map(({ groups, proxy }): Variant['knobs']['norm'] => ({ kind: 'group', groups, proxy }));

const evoNorms = fc
  .constantFrom('evonorm-b0' as const, 'evonorm-s0' as const)
  .map((kind): Variant['knobs']['norm'] => ({ kind, proxy: false }));

const variants: fc.Arbitrary<Variant> = fc
  .record({
    model: fc.constantFrom(...models.values()),
    resolution: fc.oneof(
      fc.constantFrom('native' as const, 'train' as const, 'half' as const),
      fc.integer({ min: 1, max: 8192 }),
    ),
    knobs: fc.record({
      groupSize: fc.oneof(fc.integer({ min: 1, max: 4096 }), fc.constant('dense' as const)),
      expandRatio: fc.integer({ min: 1, max: 64 }),
      norm: fc.oneof(norms, groupNorms, evoNorms),
      activation: fc.constantFrom(...activationNames),
      width: multiplier,
      depth: multiplier,
      padding: fc.constantFrom(...paddingRules),
    }),
    kept: fc.subarray([
      'groupSize',
      'expandRatio',
      'norm',
      'activation',
      'width',
      'depth',
      'padding',
    ] as const),
  })
  .filter(({ model, resolution }) => resolution !== 'half' || model.resolution.half !== undefined)
  .map(({ model, resolution, knobs, kept }) => ({
    model,
    resolution,
    knobs: {
      ...model.defaults,
      ...Object.fromEntries(
        kept.filter((knob) => model.knobs.includes(knob)).map((knob) => [knob, knobs[knob]]),
      ),
    },
  }))
  .filter(({ model, knobs }) => {
    const activates = knobs.norm.kind.startsWith('evonorm-');
    return !activates || knobs.activation === model.defaults.activation;
  })
  .filter(({ model, knobs }) => model.objection?.(knobs) === undefined);

describe('names of variants', () => {
  test('reading what was written gives the same variant, for every setting of every knob', () => {
    fc.assert(
      fc.property(variants, (variant) => {
        const name = formatVariant(variant);
        expect(parseVariant(name)).toEqual(variant);
        expect(canonical(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  test('case and underscores do not matter, nor the order of modifiers', () => {
    fc.assert(
      fc.property(variants, fc.infiniteStream(fc.boolean()), (variant, coins) => {
        const name = formatVariant(variant);
        const [head = '', list] = name.split(':');
        const shuffled = list === undefined ? head : `${head}:${list.split(',').reverse().join(', ')}`;
        const scrambled = [...shuffled]
          .map((letter) => (coins.next().value ? letter.toUpperCase() : letter).replace('-', '_'))
          .join('');
        expect(canonical(`  ${scrambled} `)).toBe(name);
      }),
    );
  });

  test.each([
    ['b0', 'efficientnet-b0'],
    ['B0', 'efficientnet-b0'],
    ['EfficientNet_B7', 'efficientnet-b7'],
    ['l2@475', 'efficientnet-l2@475'],
    ['b0:e6,bn,g1,swish,w1,d1,same', 'efficientnet-b0'],
    ['b3@half:ln+pn,e4,g16', 'efficientnet-b3@half:g16,e4,ln+pn'],
    ['b0:w1.50', 'efficientnet-b0:w1.5'],
    ['b0@native', 'efficientnet-b0'],
    ['b0@0224', 'efficientnet-b0@224'],
  ])('%s is %s', (name, expected) => {
    expect(canonical(name)).toBe(expected);
  });

  test('an explicit resolution stays as it was written, also when it is the native one', () => {
    expect(canonical('b0@224')).toBe('efficientnet-b0@224');
  });
});

describe('the study', () => {
  test('has thirty configurations of distinct names', () => {
    expect(studyConfigurations).toHaveLength(30);
    expect(new Set(studyConfigurations.map(({ name }) => name)).size).toBe(30);
    expect(new Set(studyConfigurations.map(({ variant }) => variant)).size).toBe(30);
  });

  test.each(studyConfigurations)('$name is $variant, in any spelling', ({ name, variant }) => {
    for (const spelling of [name, name.toLowerCase(), name.replaceAll('_', '-'), name.replaceAll('-', '_')]) {
      expect(canonical(spelling)).toBe(variant);
    }
    expect(canonical(variant)).toBe(variant);
  });

  test.each([
    ['B0-G1-GN-Native', 'efficientnet-b0:gn4'],
    ['B3-G16-GN-Half', 'efficientnet-b3@half:g16,e4,gn4'],
    ['b5-g16-ln-pn-native', 'efficientnet-b5:g16,e4,ln+pn'],
  ])('%s is %s', (name, expected) => {
    expect(canonical(name)).toBe(expected);
  });

  test('its B0 set is what is counted and timed by default', () => {
    expect(defaultVariants.map(canonical)).toEqual(defaultVariants);
    expect(defaultVariants).toEqual([
      'efficientnet-b0',
      'efficientnet-b0:g16,e4,gn4',
      'efficientnet-b0:g16,e4,ln+pn',
      'efficientnet-b0@half:g16,e4,ln+pn',
    ]);
  });
});

test('braces expand to variants in order', () => {
  expect(parseVariants(['b{0..2}:g{1,16}', 'l2']).map(formatVariant)).toEqual([
    'efficientnet-b0',
    'efficientnet-b0:g16',
    'efficientnet-b1',
    'efficientnet-b1:g16',
    'efficientnet-b2',
    'efficientnet-b2:g16',
    'efficientnet-l2',
  ]);
});

describe('what is refused', () => {
  test.each([
    ['b9', 'b0'],
    ['efficentnet-b0', 'efficientnet-b0'],
    ['efficientnet-bo', 'efficientnet-b0'],
    ['B0-G16-LN_PN-Haf', 'B0-G16-LN_PN-Half'],
  ])('%s, with the near miss %s', (name, suggestion) => {
    const { kind, message, suggestions } = refusal(() => parseVariant(name));
    expect(kind).toBe('usage');
    expect(message).toContain(name);
    expect(suggestions.join(' ')).toContain(suggestion);
  });

  test.each([
    ['b0:swsh', 'swish'],
    ['b0:ln+nn', 'ln+pn'],
    ['b0:evonorm-s1', 'evonorm-s0'],
    ['b0:symetric', 'symmetric'],
  ])('%s, with the near miss %s', (name, suggestion) => {
    const { message, suggestions } = refusal(() => parseVariant(name));
    expect(message).toContain('is not a modifier');
    expect(suggestions[0]).toContain(suggestion);
  });

  test.each([
    ['b0@0', /resolution/],
    ['b0@1000000000', /resolution/],
    ['b0@8193', /1 to 8192 pixels/],
    ['b0@-1', /resolution/],
    ['b0@224.5', /resolution/],
    ['b0@', /resolution/],
    ['b0@NaN', /resolution/],
    ['b7@half', /no half resolution/],
    ['l2@half', /no half resolution/],
    ['b0:w0', /after “w” a number from 0.05 to 10/],
    ['b0:w-1', /after “w”/],
    ['b0:d1e9', /after “d”/],
    ['b0:d100', /after “d”/],
    ['b0:g0', /after “g” a whole number/],
    ['b0:g1.5', /after “g” a whole number/],
    ['b0:e0', /after “e”/],
    ['b0:gn0', /after “gn”/],
    ['b0:gn', /“gn” is not a modifier/],
    ['b0:', /“” is not a modifier/],
    ['b0:g16,,e4', /“” is not a modifier/],
    ['b0:g16,g16', /sets the group size a second time/],
    ['b0:bn,ln', /sets the norm a second time/],
    ['b0:relu,gelu', /a second time/],
    ['b0:evonorm-s0+pn', /proxy norm follows the activation after a norm/],
    ['b0:evonorm-b0,relu', /“evonorm-b0” has an activation of its own, so “relu” has no place/],
    ['b0:g16:e4', /“g16:e4”|after “g”/],
    ['b0@224@224', /resolution/],
    ['', /not a network/],
    ['constructor', /not a network/],
    ['__proto__', /not a network/],
    ['b0:__proto__', /not a modifier/],
    ['b0:toString', /not a modifier/],
  ])('%s', (name, message) => {
    const error = refusal(() => parseVariant(name));
    expect(error.kind).toBe('usage');
    expect(error.message).toMatch(message);
  });

  test('a variant that cannot be built, by its name', () => {
    const error = refusal(() => buildGraph(parseVariant('b0:gn5'), 1));
    expect(error.kind).toBe('usage');
    expect(error.message).toMatch(/^efficientnet-b0:gn5: stem\.entry\.norm: groupNorm\(/);
  });
});

describe('hostile input', () => {
  const scraps = fc.constantFrom(
    ...['efficientnet', '-', '_', 'b0', 'l2', '@', ':', ',', '{', '}', '..', '0', '16', '+pn', 'gn', 'ln'],
    ...['half', 'w', 'e', '.', ' ', '\n', '\0', '\u202e', '𝔹', 'İ', 'ß', '1e9', '-1', '__proto__', '\ud800'],
  );
  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join('')),
  );

  test('either names variants or is refused with a message', () => {
    fc.assert(
      fc.property(names, (name) => {
        try {
          for (const variant of parseVariants([name]))
            expect(canonical(formatVariant(variant))).toBe(formatVariant(variant));
        } catch (error) {
          expect(error).toBeInstanceOf(EcfxError);
          expect((error as EcfxError).kind).toBe('usage');
          expect((error as EcfxError).message).not.toBe('');
        }
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['many braces', '{a}'.repeat(20_000)],
    ['many ranges', '{1..9}'.repeat(50)],
    ['many modifiers', `b0:${'g1,'.repeat(10_000)}`],
    ['a long number', `b0@${'9'.repeat(100_000)}`],
    ['a large range', 'b{0..999999}'],
  ])('%s do no harm', (_, name) => {
    expect(refusal(() => parseVariants([name])).kind).toBe('usage');
  });
});
