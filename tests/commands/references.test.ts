import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, suiteFolder } from '../support/cli.ts';
import { tinyNetworks, writeRun } from '../support/run-folder.ts';

const suite = suiteFolder();
const run = writeRun(join(suite, 'run'));

function written(name: string, text: string): string {
  const path = join(suite, name);
  writeFileSync(path, text);
  return path;
}

/** What a person reads, without line breaks. */
const flat = (text: string) => text.replaceAll(/\s*\n\s*›?\s*/g, ' ');

/** In the form of timm's files, with numbers of our own. */
const timm = written(
  'benchmark-infer-fp32-nchw-pt1-cpu-toaster.csv',
  'model,infer_samples_per_sec,infer_batch_size,infer_img_size,param_count,infer_gmacs\n' +
    'tf_efficientnet_b0,100.5,128,224,5.29,0.4\nsome_transformer,50,64,224,22.1,4.6\n',
);

describe('ecfx report --import', () => {
  it('sets the rows of a file beside the run, and leaves the run’s own alone', async () => {
    const alone = benchResult.parse(await ecfxJson(['report', run]));
    expect(alone.imported).toBeUndefined();
    const beside = benchResult.parse(await ecfxJson(['report', run, '--import', timm]));
    expect(beside.rows).toEqual(alone.rows);
    expect(beside.imported).toMatchObject([
      { origin: 'imported', file: timm, variant: 'efficientnet-b0', imagesPerSecond: 100.5, batch: 128 },
      { origin: 'imported', file: timm, network: 'some_transformer', variant: null, macs: 4.6e9 },
    ]);
  });

  it('takes several files', async () => {
    const perf = written('mobilenetv2.txt', 'Number of inferences per second: 199.5\n');
    const args = ['report', run, '--import', timm, '--import', perf];
    const { imported } = benchResult.parse(await ecfxJson(args));
    expect(imported?.map(({ variant }) => variant)).toEqual(['efficientnet-b0', null, 'mobilenetv2']);
  });

  it.each([
    ['wrong-columns.csv', 'name,speed\nb0,100\n', 'holds no results that ecfx can import'],
    [
      'no-speed.csv',
      'model,infer_samples_per_sec,infer_img_size,infer_batch_size\nb0,fast,224,1\n',
      'line 2: “fast” is no',
    ],
    ['ragged.csv', 'model,infer_samples_per_sec\nb0\n', 'line 2: 1 cells for 2 columns'],
    ['broken.json', '[{"computeMs": 3', 'broken.json'],
  ])('%s is an error of the input that says what is wrong', async (name, text, why) => {
    const { exitCode, stdout, stderr } = await ecfx(['report', run, '--import', written(name, text)]);
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(flat(stderr)).toContain(why);
  });

  it('a file that is not there is one too', async () => {
    const { exitCode, stderr } = await ecfx(['report', run, '--import', join(suite, 'nowhere.csv')]);
    expect(exitCode).toBe(3);
    expect(flat(stderr)).toContain('nowhere.csv');
  });
});

describe('--accuracy', () => {
  it('gives the user’s accuracy to the networks of a report', async () => {
    const [first, second] = tinyNetworks;
    const json = written('mine.json', JSON.stringify([{ network: first, top1: 61.5, recipe: 'mine' }]));
    const { rows } = benchResult.parse(await ecfxJson(['report', run, '--accuracy', json]));
    expect(rows.find(({ variant }) => variant === first)?.accuracy).toMatchObject({
      top1: 61.5,
      origin: 'imported',
      recipe: 'mine',
    });
    expect(rows.find(({ variant }) => variant === second)?.accuracy).toBeNull();
  });

  const broken: [name: string, text: string, why: string][] = [
    ['cut-off.json', '[{"network": "b0"', 'cut-off.json'],
    ['above-all.json', '[{"network": "b0", "top1": 770}]', 'above-all.json'],
    ['word.csv', 'network,top1\nb0,high\n', 'line 2: “high” is no top1'],
    ['columns.csv', 'name,accuracy\nb0,77\n', 'the columns network and top1 are needed'],
    ['stranger.csv', 'network,top1\nvit_base,77\n', 'none of its 1 networks is one that ecfx knows'],
  ];

  it.each(broken)(
    '%s is an error of the input in report and, before anything runs, in bench',
    async (...file) => {
      const [name, text, why] = file;
      const path = written(name, text);
      const bench = ['bench', 'efficientnet-b0@32:w0.25,d0.25', '--output', join(suite, `not-made-${name}`)];
      for (const command of [['report', run], bench]) {
        const { exitCode, stdout, stderr } = await ecfx([...command, '--accuracy', path]);
        expect(exitCode, command[0]).toBe(3);
        expect(stdout).toBe('');
        expect(flat(stderr)).toContain(why);
      }
    },
  );
});
