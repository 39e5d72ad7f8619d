import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backdropFigure } from '../../reports/figures/backdrop.ts';
import { variantOfFieldName } from '../../src/models/variants/field-names.ts';
import { importResults } from '../../src/references/imports/registry.ts';
import { countsOf } from '../support/count-variant.ts';

function written(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ecfx-import-')), name);
  writeFileSync(path, text);
  return path;
}

/** In the form of timm's files, with numbers of our own; columns in another order than there. */
const inference = written(
  'benchmark-infer-fp32-nchw-pt1-cpu-toaster.csv',
  [
    'model,infer_batch_size,infer_img_size,infer_samples_per_sec,infer_step_time,param_count,infer_gmacs,infer_macts',
    'tf_efficientnet_b0,128,224,100.5,1273.6,5.29,0.4,6.75',
    'some_transformer,64,224,50,1280,22.1,4.6,11.9',
  ].join('\n'),
);

describe('results of timm', () => {
  test('are read by header, with ecfx’s counts for what it knows and the tool’s for the rest', () => {
    const [b0, other] = importResults(inference);
    expect(b0).toMatchObject({
      origin: 'imported',
      network: 'tf_efficientnet_b0',
      variant: 'efficientnet-b0',
      mode: 'inference',
      setting: 'fp32-nchw-pt1-cpu-toaster',
      resolution: 224,
      batch: 128,
      imagesPerSecond: 100.5,
      macs: countsOf('efficientnet-b0').perStep.macs,
    });
    expect(other).toMatchObject({ variant: null, macs: 4.6e9, parameters: 22.1e6 });
  });

  test('may be of training', () => {
    const path = written(
      'benchmark-train-amp-nhwc.csv',
      'model,train_samples_per_sec,train_step_time,train_batch_size,train_img_size,param_count\ntinynet_e,99,41,512,106,2.04\n',
    );
    expect(importResults(path)).toMatchObject([
      { variant: 'tinynet-e', mode: 'training', imagesPerSecond: 99, batch: 512 },
    ]);
  });

  test('a row without a speed that is a number is an error with its line', () => {
    const path = written(
      'bad.csv',
      'model,infer_samples_per_sec,infer_img_size,infer_batch_size\nb0,fast,224,1\n',
    );
    expect(() => importResults(path)).toThrow(/line 2: “fast” is no infer_samples_per_sec/);
  });
});

test('times of trtexec: the median of what was computed, network and batch by the file’s name', () => {
  const queries = [4, 2, 3].map((computeMs) => ({
    startInMs: 0,
    inMs: 1,
    computeMs,
    latencyMs: computeMs + 2,
  }));
  const path = written('efficientnet-b0.b8.json', JSON.stringify(queries));
  expect(importResults(path)).toMatchObject([
    { variant: 'efficientnet-b0', batch: 8, imagesPerSecond: 8 / 3e-3, mode: 'inference' },
  ]);
});

test('what onnxruntime_perf_test prints', () => {
  const path = written(
    'mobilenetv2.txt',
    'Session creation time cost: 0.05 s\nTotal inference requests: 100\nAverage inference time cost: 5 ms\nNumber of inferences per second: 199.5\n',
  );
  expect(importResults(path)).toMatchObject([{ variant: 'mobilenetv2', batch: 1, imagesPerSecond: 199.5 }]);
});

test('other files are refused, with what can be read', () => {
  const path = written('notes.txt', 'hello');
  expect(() => importResults(path)).toThrow(/holds no results that ecfx can import/);
  expect(() => importResults(join(path, 'nowhere'))).toThrow(/cannot be read/);
});

test('names of the field lead to variants, or to nothing', () => {
  expect(variantOfFieldName('tf_efficientnetv2_s.in21k_ft_in1k', 300)).toBe('efficientnetv2-s@300');
  expect(variantOfFieldName('mobilenetv3_large_100.ra_in1k', 224)).toBe('mobilenetv3-large');
  expect(variantOfFieldName('vit_base_patch16_224')).toBeNull();
});

describe('the backdrop', () => {
  const row = {
    variant: 'tinynet-e',
    theory: { flops: 5e7 },
    throughput: { estimate: 500, low: 450, high: 560 },
  };

  test('is flagged as imported and without interval, and is there only for its mode', () => {
    const imported = importResults(inference);
    const figure = backdropFigure([row as never], imported, 'inference');
    expect(figure?.caption).toMatch(/imported, no interval/);
    const cells = figure?.tables[0].rows.map(({ cells: [, from] }) => from?.text);
    expect(cells).toEqual(['measured here', 'imported, no interval', 'imported, no interval']);
    expect(backdropFigure([row as never], imported, 'training')).toBeNull();
  });
});
