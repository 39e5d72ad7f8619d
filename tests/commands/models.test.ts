import { describe, expect, it } from 'vitest';
import { ecfx, ecfxJson } from '../support/cli.ts';

describe('ecfx models', () => {
  it('lists every network with its resolutions and counts', async () => {
    const { models } = (await ecfxJson(['models'])) as { models: Record<string, unknown>[] };
    expect(models.map(({ model }) => model)).toEqual(
      ['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'l2'].map((size) => `efficientnet-${size}`),
    );
    expect(models[2]).toMatchObject({ resolution: 260, halfResolution: 196, parameters: 9109994 });
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
