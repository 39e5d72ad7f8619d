import { describe, expect, it } from 'vitest';
import { ecfx, ecfxJson } from '../support/cli.ts';

describe('ecfx flops', () => {
  it('prints one JSON document with exact counts', async () => {
    expect(await ecfxJson(['flops', 'efficientnet-b0'])).toMatchObject({
      schema: 'ecfx.flops/1',
      batch: 1,
      variants: [
        {
          variant: 'efficientnet-b0',
          resolution: 224,
          parameters: 5288548,
          buffers: 42016,
          macs: 385814752,
          flops: 771629504,
          activations: 6748036,
        },
      ],
    });
  });

  it('counts the study’s changes at B0 when nothing is named', async () => {
    const { variants } = (await ecfxJson(['flops'])) as { variants: { variant: string; macs: number }[] };
    expect(variants.map(({ variant, macs }) => [variant, macs])).toEqual([
      ['efficientnet-b0', 385814752],
      ['efficientnet-b0:g16,e4,gn4', 634668544],
      ['efficientnet-b0:g16,e4,ln+pn', 634668544],
      ['efficientnet-b0@half:g16,e4,ln+pn', 324642304],
    ]);
  });

  it('prints a table with ratios to the first variant, within 80 columns', async () => {
    const { stdout, stderr, exitCode } = await ecfx(['flops']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/b0:g16,e4,gn4\s+5\.91\s+634\.7\s+1\.65×/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each(['stage', 'block', 'layer', 'operator'])('splits by %s without losing anything', async (by) => {
    const result = (await ecfxJson(['flops', 'b0:g16,e4,ln+pn', '--by', by])) as {
      variants: {
        parameters: number;
        macs: number;
        bytesRead: number;
        groups: { parameters: number; macs: number; bytesRead: number }[];
      }[];
    };
    const [variant] = result.variants;
    for (const field of ['parameters', 'macs', 'bytesRead'] as const) {
      expect(variant?.groups.reduce((sum, group) => sum + group[field], 0)).toBe(variant?.[field]);
    }
  });

  it('shares the reading of the weights over the batch, and nothing else', async () => {
    const [one, eight] = (await Promise.all(
      ['1', '8'].map(async (batch) => {
        const result = (await ecfxJson(['flops', 'b0', '--batch', batch])) as {
          variants: { macs: number; activations: number; bytesRead: number; bytesWritten: number }[];
        };
        return result.variants[0];
      }),
    )) as [
      { macs: number; activations: number; bytesRead: number; bytesWritten: number },
      { macs: number; activations: number; bytesRead: number; bytesWritten: number },
    ];
    expect(eight).toMatchObject({
      macs: one.macs,
      activations: one.activations,
      bytesWritten: one.bytesWritten,
    });
    const weightBytes = (5288548 + 42016) * 4;
    expect(one.bytesRead - eight.bytesRead).toBeCloseTo((weightBytes * 7) / 8, 3);
  });

  it('prints what other tools print, and why it differs', async () => {
    const { stdout } = await ecfx(['flops', 'b0', '--convention', 'fvcore', '--explain']);
    expect(stdout).toContain('0.3994');
    expect(stdout).toMatch(/batch norm .*13,475,392/);
    expect(stdout).toMatch(/total\s+385,814,752\s+399,352,864\s+13,538,112/);
  });

  it('prints CSV with all digits, and Markdown', async () => {
    const csv = await ecfx(['flops', 'b0', '--csv']);
    const [header = '', row = ''] = csv.stdout.split(/\r?\n/);
    expect(row.split(',')[header.split(',').indexOf('macs')]).toBe('385814752');
    const markdown = await ecfx(['flops', 'b0', '--markdown']);
    expect(markdown.stdout).toMatch(/^\| variant/);
  });

  it.each([
    [['flops', 'efficientnet-b9'], 'Did you mean'],
    [['flops', 'b0:g7'], 'do not divide'],
    [['flops', 'b0@0'], '1 to 8192 pixels'],
    [['flops', 'b0@1000000000'], '1 to 8192 pixels'],
    [['flops', 'b7@half'], 'half resolution'],
    [['flops', 'b0:swosh'], 'swish'],
    [['flops', 'b0:g16,g4'], 'a second time'],
    [['flops', 'b0', '--batch', '-1'], '--batch'],
    [['flops', 'b0', '--batch', '0'], '--batch'],
    [['flops', 'b{0..99999}'], 'more than 1000'],
    [['flops', 'b0', '--by', 'mood'], '--by'],
    [['flops', 'b0', '--explain'], '--convention'],
  ])('refuses %j with one message and exit code 2', async (args, message) => {
    const run = await ecfx(args);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr.replaceAll(/\s*\n\s*›?\s*/g, ' ')).toContain(message);
    expect(run.stderr).not.toContain('    at ');
  });

  it('reports a refusal as a JSON document, with the same exit code', async () => {
    const run = await ecfx(['flops', 'efficientnet-b9', '--json']);
    expect(run.exitCode).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'ecfx.error/1', error: { kind: 'usage' } });
  });
});
