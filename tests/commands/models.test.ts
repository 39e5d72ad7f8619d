import { describe, expect, it } from 'vitest';
import { ecfx, ecfxJson } from '../support/cli.ts';

describe('ecfx models', () => {
  it('lists every network with its resolutions and counts', async () => {
    const { models } = (await ecfxJson(['models'])) as { models: Record<string, unknown>[] };
    const names = models.map(({ model }) => model);
    expect(names.slice(0, 10)).toEqual(
      ['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'l2'].map((size) => `efficientnet-${size}`),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(models[2]).toMatchObject({ resolution: 260, halfResolution: 196, parameters: 9109994 });
    expect(models.find(({ model }) => model === 'efficientnetv2-s')).toMatchObject({
      resolution: 384,
      trainResolution: 300,
    });
  });

  it('prints families in eighty columns, and the networks of one', async () => {
    const { stdout } = await ecfx(['models']);
    expect(stdout).toContain('tinynet-a … e');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { stdout: networks } = await ecfx(['models', 'tinynet-*']);
    expect(networks).toContain('tinynet-c');
    expect(networks).not.toContain('efficientnet-b1 ');
  });

  it('shrinks a network to a budget by two rules', async () => {
    const { networks } = (await ecfxJson(['models', '--shrink', 'efficientnet-b0', '--macs', '100M'])) as {
      networks: { rule: string; macs: number }[];
    };
    expect(networks.map(({ rule }) => rule)).toEqual(['tiny formula', 'inverse giant formula']);
    for (const { macs } of networks) expect(macs).toBeLessThanOrEqual(100e6);
  });

  it.each([
    ['b0', '400M', /has 385814752 MACs, which are within 400000000/],
    ['ghostnet', '50M', /cannot be shrunk by a formula: GhostNet has no depth/],
    ['b9', '50M', /Did you mean b0/],
    ['b0', 'much', /“much” is not a number of operations/],
  ])('does not shrink %s to %s, and says why', async (name, macs, why) => {
    const { exitCode, stdout, stderr } = await ecfx(['models', '--shrink', name, '--macs', macs]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.replaceAll(/\s*\n\s*›?\s*/g, ' ')).toMatch(why);
  });

  it('prints the stage table of a variant', async () => {
    const { stages } = (await ecfxJson(['models', 'efficientnet-b0'])) as {
      stages: Record<string, unknown>[];
    };
    // Tan & Le 2019, table 1.
    expect(
      stages.map(({ input, kernel, stride, channels, repeats }) => [
        input,
        kernel,
        stride,
        channels,
        repeats,
      ]),
    ).toEqual([
      [224, 3, 2, 32, 1],
      [112, 3, 1, 16, 1],
      [112, 3, 2, 24, 2],
      [56, 5, 2, 40, 2],
      [28, 3, 2, 80, 3],
      [14, 5, 1, 112, 3],
      [14, 5, 2, 192, 4],
      [7, 3, 1, 320, 1],
      [7, 1, 1, 1280, 1],
    ]);
    expect(stages.reduce((sum, { parameters }) => sum + Number(parameters), 0)).toBe(5288548);
  });

  it('understands the authors’ names', async () => {
    const { stdout, exitCode } = await ecfx(['models', 'B3-G16-LN_PN-Half']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('efficientnet-b3@half:g16,e4,ln+pn at 204×204 pixels');
  });
});
