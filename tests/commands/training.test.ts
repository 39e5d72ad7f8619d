import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { benchResult } from '../../src/results/schema.ts';
import { ecfx, ecfxJson, temporaryFolder } from '../support/cli.ts';

const tiny = ['b0@32:w0.25,d0.25', 'b0@32:w0.25,d0.25,g4,gn4'];
const quick = ['--quick', '--rounds', '1', '--batch', '4', '--threads', '1'];

describe('ecfx flops --training', () => {
  it('counts each pass exactly, and the first convolution without a data gradient', async () => {
    const { variants } = (await ecfxJson(['flops', 'b0', 'b0:g16,e4', '--training'])) as {
      variants: { training: { passes: Record<string, { macs: number }>; total: { flops: number } } }[];
    };
    const macs = variants.map(({ training: { passes } }) =>
      ['forward', 'dataGradient', 'weightGradient', 'optimizer'].map((pass) => passes[pass]?.macs),
    );
    // The stem convolution: 112² positions × 32 filters × 27 taps.
    const stem = 112 * 112 * 32 * 27;
    expect(macs).toEqual([
      [385814752, 385814752 - stem, 385814752, 0],
      [634668544, 634668544 - stem, 634668544, 0],
    ]);
    const gigaflops = variants.map(({ training }) => (training.total.flops / 1e9).toFixed(3));
    expect(gigaflops).toEqual(['2.293', '3.786']);
  });

  it('says what memory a step needs, and the largest batch that fits', async () => {
    const { variants } = (await ecfxJson([
      'flops',
      'b0',
      '--training',
      '--batch',
      '8',
      '--memory',
      '16GB',
    ])) as {
      variants: {
        memory: { peak: number };
        training: { memory: { peak: number; savedActivations: number } };
        largestBatch: { inference: number; training: number };
      }[];
    };
    const [variant] = variants;
    expect(variant?.training.memory.savedActivations).toBeLessThan(variant?.training.memory.peak ?? NaN);
    expect(variant?.memory.peak).toBeLessThan(variant?.training.memory.peak ?? NaN);
    const fits = variant?.largestBatch.training ?? NaN;
    const atLimit = (await ecfxJson(['flops', 'b0', '--training', '--batch', String(fits)])) as {
      variants: typeof variants;
    };
    const peak = atLimit.variants[0]?.training.memory.peak ?? NaN;
    expect(peak).toBeLessThanOrEqual(16e9);
    expect(peak * (1 + 1 / fits)).toBeGreaterThan(16e9);
  });

  it.each(['16', 'lots', '-1GB', '16XB'])('refuses --memory %s', async (amount) => {
    const run = await ecfx(['flops', 'b0', `--memory=${amount}`]);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('not an amount of memory')]);
  });
});

describe('ecfx bench --mode', () => {
  it('times inference and whole training steps, whose loss falls', async () => {
    const folder = join(temporaryFolder(), 'run');
    const args = ['bench', ...tiny, ...quick, '--mode', 'both', '--split', '--output', folder];
    const { rows } = benchResult.parse(await ecfxJson(args));
    expect(rows.map(({ mode, error }) => [mode, error])).toEqual([
      ['inference', undefined],
      ['inference', undefined],
      ['training', undefined],
      ['training', undefined],
    ]);
    for (const row of rows.filter(({ mode }) => mode === 'training')) {
      expect(row.optimizer).toBe('sgd');
      expect(row.loss?.last).toBeLessThan(row.loss?.first ?? NaN);
      expect(row.split?.forward).toBeGreaterThan(0);
      expect(row.split?.backward).toBeGreaterThan(0);
      expect(row.theory.flops).toBe(2 * row.theory.macs);
      expect(row.achievedFlops?.estimate).toBeCloseTo(
        (row.throughput?.estimate ?? NaN) * row.theory.flops,
        0,
      );
      expect(row.predictedMemory?.total).toBeGreaterThan(row.predictedMemory?.process ?? NaN);
    }
    expect(benchResult.parse(await ecfxJson(['report', folder])).rows).toEqual(rows);
  });

  it('records a variant whose batch norm has nothing to average, and goes on', async () => {
    const variants = ['b0@16:w0.25,d0.25', 'b0@16:w0.25,d0.25,gn4'];
    const single = ['--quick', '--rounds', '1', '--batch', '1', '--threads', '1', '--mode', 'training'];
    const folder = join(temporaryFolder(), 'run');
    const { rows } = benchResult.parse(await ecfxJson(['bench', ...variants, ...single, '--output', folder]));
    expect(rows[0]?.error).toMatch(/batchNormTraining.*batch norm needs more than one value per channel/);
    expect(rows[1]?.error).toBeUndefined();
  });
});

describe('ecfx export --mode training', () => {
  it('writes a step that onnxruntime loads, with its state going in and out', async () => {
    const file = join(temporaryFolder(), 'step.onnx');
    await ecfxJson(['export', tiny[0] ?? '', '--onnx', file, '--mode', 'training', '--batch', '2']);
    const session = await InferenceSession.create(file);
    expect(session.inputNames).toEqual(expect.arrayContaining(['images', 'labels', 'learningRate']));
    expect(session.inputNames).toContain('stem.entry.conv.filter');
    expect(session.inputNames).toContain('stem.entry.conv.filter.velocity');
    expect(session.outputNames[0]).toBe('loss.crossEntropy');
    await session.release();
  });
});
