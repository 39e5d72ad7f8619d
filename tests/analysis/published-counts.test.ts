import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { countBy } from '../../src/analysis/conventions/convention.ts';
import { conventions, type ConventionName } from '../../src/analysis/conventions/registry.ts';
import { printsAs, publishedCounts, type PublishedCount } from '../../src/analysis/published-counts.ts';
import { EcfxError } from '../../src/errors.ts';
import { formatVariant, parseVariant, pixels } from '../../src/models/variants/variant.ts';
import { packageFile } from '../../src/package-root.ts';
import { countsOf, nodesOf } from '../support/count-variant.ts';

vi.mock(import('../../src/package-root.ts'), { spy: true });

const published = publishedCounts();
const agreeing = published.filter(({ differs }) => differs === undefined);
const count = (variant: string, convention: ConventionName, images = 1) =>
  countBy(conventions[convention], nodesOf(variant, images));

describe('published figures, reproduced at printed precision', () => {
  test.each(agreeing)('$convention: $network at $resolution ($variant)', (entry) => {
    const { variant, convention, images, resolution } = entry;
    const counted = count(variant, convention, images);
    if (resolution !== undefined) expect(pixels(parseVariant(variant))).toBe(resolution);
    const lacking = counted.parameterLines.find(({ line }) => line === entry.lacks);
    expect(lacking?.line).toBe(entry.lacks);
    const figures: [string | undefined, number | null][] = [
      [entry.parameters, counted.parameters - (lacking?.amount ?? 0)],
      [entry.operations, counted.operations],
      [entry.activations, counted.activations],
      [entry.buffers, countsOf(variant, images).perStep.buffers],
    ];
    const printed = figures.filter(([digits]) => digits !== undefined);
    expect(printed.length).toBeGreaterThan(0);
    for (const [digits = '', value] of printed) {
      expect(value !== null && printsAs(value, digits), `${value} is printed as ${digits}`).toBe(true);
    }
  });

  test('there is one for every convention', () => {
    const conventionsWithFigures = new Set(published.map(({ convention }) => convention));
    expect([...conventionsWithFigures].sort()).toEqual(Object.keys(conventions).sort());
  });

  test('each names its source and a variant by its canonical name', () => {
    for (const { variant, source } of published) {
      expect(formatVariant(parseVariant(variant))).toBe(variant);
      expect(source).not.toBe('');
    }
  });
});

describe('figures that differ, and why', () => {
  const found = (wanted: (entry: PublishedCount) => boolean): PublishedCount => {
    const entry = published.find(wanted);
    if (!entry) throw new Error('no such figure');
    return entry;
  };
  const entry = (network: string) => found((each) => each.network === network && each.differs !== undefined);

  test('every one of them does differ', () => {
    const differing = published.filter(({ differs }) => differs !== undefined);
    for (const { variant, convention, parameters, operations } of differing) {
      const counted = count(variant, convention);
      const prints = (value: number | null, digits: string | undefined) =>
        digits === undefined || (value !== null && printsAs(value, digits));
      expect(
        prints(counted.parameters, parameters) && prints(counted.operations, operations),
        `${convention} ${variant}`,
      ).toBe(false);
    }
  });

  test('google/automl’s B3 lacks the guard that keeps 24 channels in stage 1: 6,260 fewer', () => {
    expect(entry('efficientnet-b3').parameters).toBe('12314268');
    const withBuffers = count('b3', 'keras').parameters - 7;
    expect(withBuffers).toBe(12_320_528);

    // 16 channels instead of 24 in both blocks of stage 1 and at the entrance of stage 2, worked out by hand.
    const norm = 4; // scale, offset, running mean and variance
    const stage = (width: number) => {
      const squeeze = (channels: number, hidden: number) => 2 * channels * hidden + hidden + channels;
      const depthwise = (channels: number) => 9 * channels + norm * channels;
      const first = depthwise(40) + squeeze(40, 10) + 40 * width + norm * width;
      const second = depthwise(width) + squeeze(width, width / 4) + width * width + norm * width;
      const wide = 6 * width;
      const third =
        width * wide + norm * wide + depthwise(wide) + squeeze(wide, width / 4) + wide * 32 + norm * 32;
      return first + second + third;
    };
    expect(withBuffers - (stage(24) - stage(16))).toBe(12_314_268);
  });

  test('the EfficientNet paper prints B4 and B5 4 % below what its own architecture comes to', () => {
    for (const [network, printed] of [
      ['EfficientNet-B4', 4.2e9],
      ['EfficientNet-B5', 9.9e9],
    ] as const) {
      const shortfall = 1 - printed / (count(entry(network).variant, 'ecfx').operations ?? 0);
      expect(shortfall).toBeGreaterThan(0.035);
      expect(shortfall).toBeLessThan(0.045);
    }
  });

  test('torchvision evaluates B2 at 288 pixels: 1.088 GFLOPS is not the paper’s network', () => {
    const { variant, operations = '' } = found(
      (each) => each.convention === 'torchvision' && each.network === 'efficientnet_b2',
    );
    expect(variant).toBe('efficientnet-b2@288');
    expect(printsAs(count('b2', 'torchvision').operations ?? 0, operations)).toBe(false);
  });

  test('thop of 2020 counted half of today’s for batch norm, biases, and saw no pooling in the squeeze', () => {
    const old = published.filter(({ source }) => source.includes('thop of that time'));
    expect(old).toHaveLength(8);
    for (const { variant, operations = '' } of old) {
      const lines = new Map(count(variant, 'thop').lines.map(({ line, amount }) => [line, amount]));
      const amount = (line: string) => lines.get(line) ?? Number.NaN;
      const then =
        amount('multiply-accumulates') +
        amount('batch norm') / 2 +
        amount('global pooling') +
        convolutionBiases(variant);
      expect(printsAs(then, operations), `${then} is printed as ${operations}`).toBe(true);
    }
  });

  /** Of convolutions; thop never counted that of the dense layer. */
  function convolutionBiases(variant: string): number {
    return nodesOf(variant)
      .filter(({ node }) => node.operator.name === 'conv2d' && node.operands['bias'])
      .reduce((sum, { arithmetic }) => sum + arithmetic, 0);
  }

  test('thop today: 0.413 G for B0 where the squeeze is not seen, 2.3 M more where it is a module', () => {
    const { lines, operations } = count('b0', 'thop');
    const squeeze = lines.find(({ line }) => line === 'squeeze')?.amount ?? 0;
    expect(printsAs((operations ?? 0) - squeeze, '0.413 G')).toBe(true);
    expect((squeeze / 1e6).toFixed(1)).toBe('2.3');
  });

  test('torchinfo at batch 1 prints 385.87 M: multiply-accumulates, biases, and a number per parameter of a norm', () => {
    expect(printsAs(count('b0', 'torchinfo').operations ?? 0, '385.87 M')).toBe(true);
  });
});

describe('printed digits', () => {
  test.each([
    [399_352_864, '0.40 G', true],
    [399_352_864, '0.4 G', true],
    [399_352_864, '0.39 G', false],
    [394_999_999, '0.39 G', true],
    [5_288_548, '5288548', true],
    [5_288_548, '5.29 M', true],
    [5_288_549, '5288548', false],
    [5_288_548, '5.29 G', false],
    [12, '12 X', false],
  ])('%d as %s: %s', (value, digits, expected) => {
    expect(printsAs(value, digits)).toBe(expected);
  });
});

describe('damaged files', () => {
  const withFolder = (files: Record<string, string>) => {
    const folder = mkdtempSync(join(tmpdir(), 'ecfx-published-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    vi.mocked(packageFile).mockReturnValueOnce(folder);
    return folder;
  };

  test.each([
    ['no JSON', '{'],
    ['no counts', '{"convention":"fvcore","source":"x"}'],
    ['another convention', '{"convention":"mine","source":"x","counts":[]}'],
    [
      'a number without its unit',
      '{"convention":"fvcore","source":"x","counts":[{"network":"a","variant":"b0","operations":"0.40 T"}]}',
    ],
    [
      'a field that means nothing',
      '{"convention":"fvcore","source":"x","counts":[{"network":"a","variant":"b0","flops":"1"}]}',
    ],
  ])('%s: refused with the file’s name', (_, text) => {
    withFolder({ 'wrong.json': text });
    const error = thrownBy(publishedCounts);
    expect(error.kind).toBe('input');
    expect(error.message).toContain('wrong.json');
  });

  test('a folder that is not there', () => {
    vi.mocked(packageFile).mockReturnValueOnce('/nowhere/at/all');
    expect(thrownBy(publishedCounts).kind).toBe('input');
  });

  test('a folder in place of a file', () => {
    const folder = withFolder({});
    mkdirSync(join(folder, 'odd.json'));
    expect(thrownBy(publishedCounts).message).toContain('odd.json');
  });

  test('other files are left alone', () => {
    withFolder({ 'README.md': '' });
    expect(publishedCounts()).toEqual([]);
  });

  function thrownBy(action: () => unknown): EcfxError {
    try {
      action();
    } catch (error) {
      if (error instanceof EcfxError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  }
});
