import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EcfxError } from '../../src/errors.ts';
import { formatVariant, parseVariant } from '../../src/models/variants/variant.ts';
import {
  accuraciesOf,
  chooseAccuracies,
  publishedAccuracies,
  readAccuracies,
  studyRecipe,
} from '../../src/references/accuracies.ts';

function written(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ecfx-accuracy-')), name);
  writeFileSync(path, text);
  return path;
}

describe('published accuracies', () => {
  test('each names a variant by its canonical name, a source and a recipe, once', () => {
    const seen = new Set<string>();
    for (const { variant, source, recipe, top1 } of publishedAccuracies()) {
      expect(formatVariant(parseVariant(variant))).toBe(variant);
      expect(source).not.toBe('');
      expect(top1).toBeGreaterThan(50);
      expect(top1).toBeLessThan(91);
      const key = `${variant} ${recipe}`;
      expect(seen.has(key), key).toBe(false);
      seen.add(key);
    }
  });

  test('a network has as many as it was trained in ways', () => {
    const b0 = accuraciesOf('efficientnet-b0').map(({ recipe, top1 }) => [recipe, top1]);
    expect(b0).toContainEqual(['ResNet preprocessing', 76.7]);
    expect(b0).toContainEqual(['AutoAugment', 77.1]);
    expect(b0).toContainEqual(['Noisy Student and RandAugment', 78.8]);
    expect(accuraciesOf('efficientnet-b0:gn4')).toMatchObject([{ recipe: studyRecipe, top1: 79.1 }]);
    expect(accuraciesOf('bignas-r1')).toEqual([]);
  });

  test('what was trained with more images says so', () => {
    const extra = new Set(
      publishedAccuracies().flatMap(({ extraData, recipe }) => (extraData ? [recipe] : [])),
    );
    expect(extra).toContain('Noisy Student and RandAugment');
    expect(extra).not.toContain('AutoAugment');
    for (const { recipe, extraData } of publishedAccuracies()) {
      if (/21k|22k|12k|jft|swsl|ssl|clip|seer|swag/i.test(recipe)) expect(extraData, recipe).toBeDefined();
    }
  });
});

describe('the choice for a comparison', () => {
  const recipes = (...variants: string[]) => {
    const chosen = chooseAccuracies(variants);
    return variants.map((variant) => chosen.get(variant)?.recipe ?? null);
  };

  test('keeps to one recipe where one covers two thirds of the networks', () => {
    const study = ['efficientnet-b0', 'efficientnet-b0:g16,e4,gn4', 'efficientnet-b0:g16,e4,ln+pn'];
    expect(recipes(...study)).toEqual([null, studyRecipe, studyRecipe]);
    const [first, second] = recipes('efficientnetv2-b0', 'efficientnetv2-b1');
    expect(first).toBe(second);
  });

  test('mixes as few as it can where none does', () => {
    const networks = ['attentivenas-a0', 'attentivenas-a1', 'tinynet-a', 'tinynet-b', 'ghostnet', 'nfnet-f0'];
    const used = recipes(...networks);
    expect(used.filter((recipe) => recipe !== null).length).toBeGreaterThanOrEqual(4);
    expect(new Set(used).size).toBeLessThan(networks.length);
  });

  test('never prefers more images', () => {
    for (const name of ['efficientnet-b7', 'efficientnetv2-s', 'convnext-t']) {
      expect(chooseAccuracies([name]).get(name)).not.toHaveProperty('extraData');
    }
  });

  test('the user’s own come first', () => {
    const own = readAccuracies(written('own.csv', 'network,top1,recipe\nefficientnet-b0,50,mine\n'));
    expect(chooseAccuracies(['efficientnet-b0'], own).get('efficientnet-b0')).toMatchObject({
      top1: 50,
      recipe: 'mine',
      origin: 'imported',
    });
  });
});

describe('a file of the user', () => {
  test('is CSV by header in any order, or JSON', () => {
    const csv = written(
      'a.csv',
      'error,"network",top1\n0.1,b0:gn4,79.5\n,"tinynet-c",71.2\n\n,unknown-net,1\n',
    );
    const json = written(
      'a.json',
      JSON.stringify([
        { network: 'b0:gn4', top1: 79.5, error: 0.1 },
        { network: 'tinynet_c', top1: 71.2 },
      ]),
    );
    for (const path of [csv, json]) {
      expect(readAccuracies(path).map(({ variant, top1, error }) => [variant, top1, error])).toEqual([
        ['efficientnet-b0:gn4', 79.5, 0.1],
        ['tinynet-c', 71.2, 0],
      ]);
    }
  });

  test('may be of timm: tags are recipes, and sizes are resolutions', () => {
    const path = written(
      'results.csv',
      'model,img_size,top1,top1_err\ntf_efficientnet_b0.ns_jft_in1k,224,78.6,21.4\nefficientnet_b1.ft_in1k,256,79.4,20.6\n',
    );
    expect(readAccuracies(path).map(({ variant, recipe }) => [variant, recipe])).toEqual([
      ['efficientnet-b0', 'ns_jft_in1k'],
      ['efficientnet-b1@256', 'ft_in1k'],
    ]);
  });

  test.each([
    ['a.csv', 'network,top1\nb0,high\n', /line 2: “high” is no top1/],
    ['a.csv', 'network,top1\nb0\n', /line 2: 1 cells for 2 columns/],
    ['a.csv', 'name,accuracy\nb0,77\n', /the columns network and top1 are needed/],
    ['a.csv', 'network,top1\nvit,77\n', /none of its 1 networks/],
    ['a.json', '{', /a\.json: /],
    ['a.json', '[{"network":"b0","top1":770}]', /a\.json: /],
  ])('%s with %j says what is wrong', (name, text, why) => {
    expect(() => readAccuracies(written(name, text))).toThrow(why);
  });

  test('whatever it holds, it is read or refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readAccuracies(written('fuzz.csv', `network,top1\n${text}`));
        } catch (error) {
          expect(error).toBeInstanceOf(EcfxError);
        }
      }),
      { numRuns: 50 },
    );
  });
});
