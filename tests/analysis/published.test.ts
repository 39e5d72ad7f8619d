import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { accuracyOf, macsPerImage, studyPoints } from '../../src/analysis/published.ts';
import type { EcfxError } from '../../src/errors.ts';
import { studyConfigurations } from '../../src/models/variants/study.ts';
import { parseVariant, pixels } from '../../src/models/variants/variant.ts';
import { packageFile } from '../../src/package-root.ts';
import type { Accuracy } from '../../src/results/schema.ts';

vi.mock(import('../../src/package-root.ts'), { spy: true });

describe('the study’s figure', () => {
  test('has six series of B0 to B5', () => {
    const points = studyPoints();
    expect(points).toHaveLength(36);
    expect(new Set(points.map(({ series }) => series)).size).toBe(6);
    for (const { size, trainResolution, variant } of points) {
      expect(parseVariant(variant).model.name).toBe(`efficientnet-${size}`);
      expect(pixels(parseVariant(variant))).toBe(trainResolution);
    }
  });

  test('carries its error: 0.02 points, 0.05 where a later series hides a marker', () => {
    const error = (series: string, size: string) =>
      studyPoints().find((point) => point.series === series && point.size === size)?.error;
    expect(error('G1-GN-Native', 'b0')).toBe(0.02);
    expect(error('G1-GN-Native', 'b1')).toBe(0.05);
    expect(error('G16-GN-Half', 'b4')).toBe(0.05);
    expect(error('G16-LN_PN-Half', 'b5')).toBe(0.02);
    for (const { origin, source } of studyPoints()) {
      expect(origin).toBe('digitised');
      expect(source).toContain('2106.03640');
    }
  });

  test('plots costs within 4 % of the count, half resolutions by their pixels', () => {
    for (const { variant, plottedMacs, trainResolution } of studyPoints()) {
      const native = variant.replace('@half', '');
      const scale = (trainResolution / pixels(parseVariant(native))) ** 2;
      const ratio = plottedMacs / (macsPerImage(native) * scale);
      expect(ratio, variant).toBeGreaterThan(0.96);
      expect(ratio, variant).toBeLessThan(1.04);
    }
  });
});

describe('accuracy of a variant', () => {
  test('is known for the thirty configurations, fine-tuned', () => {
    for (const { variant, series } of studyConfigurations) expect(accuracyOf(variant)?.series).toBe(series);
    // 79.10 % after fine-tuning, not the 76.17 % of the baseline.
    expect(accuracyOf('efficientnet-b0:gn4')).toMatchObject({
      top1: 79.1,
      error: 0.02,
      series: 'G1-GN-Native',
    });
    expect(accuracyOf('efficientnet-b5@half:g16,e4,ln+pn')?.top1).toBe(83.8);
  });

  test('has the shape of a result’s accuracy', () => {
    const accuracy: Accuracy | null = accuracyOf('efficientnet-b0:gn4');
    expect(Object.keys(accuracy ?? {}).sort()).toEqual(['error', 'origin', 'series', 'source', 'top1']);
  });

  test.each(['efficientnet-b0', 'efficientnet-b0:g16,e4', 'b0:gn4', 'efficientnet-b6:gn4', ''])(
    'is not made up for %s',
    (variant) => {
      expect(accuracyOf(variant)).toBeNull();
    },
  );
});

describe('a damaged file', () => {
  const header =
    'series,size,train_res,fwd_train_flops_G_digitised,train_img_per_s_pod16_digitised,top1_digitised,occluded';

  // Read once per process, so each case starts from a module that has read nothing yet.
  async function readingOf(text: string | null): Promise<unknown> {
    const path = join(mkdtempSync(join(tmpdir(), 'ecfx-figure-')), 'figure.csv');
    if (text !== null) writeFileSync(path, text);
    vi.resetModules();
    const fresh = await import('../../src/analysis/published.ts');
    const { packageFile: freshPackageFile } = await import('../../src/package-root.ts');
    vi.mocked(freshPackageFile).mockReturnValueOnce(path);
    try {
      return fresh.studyPoints();
    } catch (error) {
      return error;
    }
  }

  test.each([
    ['is missing', null, /figure\.csv cannot be read/],
    ['is empty', '', /line 1: the columns/],
    ['has other columns', 'series,size\n', /line 1: the columns/],
    ['ends in the middle of a row', `${header}\nG1-GN-Native,B0,224`, /line 2: 3 columns/],
    [
      'has a series nobody knows',
      `${header}\nG2-GN-Native,B0,224,0.4,26000,79,no`,
      /line 2: G2-GN-Native B0/,
    ],
    ['has a size nobody trained', `${header}\nG1-GN-Native,B7,224,0.4,26000,79,no`, /G1-GN-Native B7/],
    [
      'has words for numbers',
      `${header}\nG1-GN-Native,B0,224,0.4,26000,high,no`,
      /“high” is no positive number/,
    ],
    ['has nothing for a number', `${header}\nG1-GN-Native,B0,224,,26000,79,no`, /“” is no positive number/],
  ])('%s', async (_, text, message) => {
    const error = await readingOf(text);
    expect(error).toMatchObject({ kind: 'input' });
    expect((error as EcfxError).message).toMatch(message);
  });

  test('reads with any line ends', async () => {
    const rows = `${header}\r\nG16-LN+PN-Half,B0,160,0.330,43290,78.31,no\r\n`;
    expect(await readingOf(rows)).toMatchObject([
      { series: 'G16-LN_PN-Half', variant: 'efficientnet-b0@half:g16,e4,ln+pn', plottedMacs: 330_000_000 },
    ]);
  });
});

test('files of the package are found from the sources', () => {
  expect(packageFile('package.json')).toMatch(/package\.json$/);
  expect(packageFile('fixtures', 'front-page-figure.csv')).toContain(
    join('fixtures', 'front-page-figure.csv'),
  );
});
