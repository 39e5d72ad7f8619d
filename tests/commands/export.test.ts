import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { size } from '../../src/graph/shape.ts';
import { ecfx, ecfxJson, temporaryFolder } from '../support/cli.ts';

const { ModelProto } = onnxProto.onnx;

describe('ecfx export', () => {
  it('writes a file that an independent reader decodes, with real grouped convolutions', async () => {
    const file = join(temporaryFolder(), 'model.onnx');
    const result = await ecfxJson(['export', 'b0:g16,e4,gn4', '--onnx', file, '--batch', '2']);
    expect(result).toMatchObject({
      schema: 'ecfx.export/1',
      variant: 'efficientnet-b0:g16,e4,gn4',
      batch: 2,
    });

    const model = ModelProto.decode(readFileSync(file));
    const nodes = model.graph?.node ?? [];
    const groups = nodes
      .filter(({ opType }) => opType === 'Conv')
      .map(({ attribute }) => Number(attribute?.find(({ name }) => name === 'group')?.i ?? 1));
    // Expanded widths of the sixteen blocks over 16 channels a group; stage 1 is not expanded.
    expect(groups.filter((count) => count > 1)).toEqual([
      2, 4, 6, 6, 10, 10, 20, 20, 20, 28, 28, 28, 48, 48, 48, 48,
    ]);

    const parameters = (model.graph?.initializer ?? []).filter(({ name }) => !name?.includes('/'));
    const elements = parameters.map(({ dims }) => size((dims ?? []).map(Number)));
    expect(elements.reduce((sum, count) => sum + count, 0)).toBe(5913796);
    expect(parameters[0]?.name).toBe('stem.entry.conv.filter');
    expect(parameters.map(({ name }) => name)).toContain('stages.3.1.expand.conv.filter');
  });

  it('writes a file that onnxruntime loads and runs', async () => {
    const file = join(temporaryFolder(), 'model.onnx');
    await ecfxJson(['export', 'b0@64:g16,e4,ln+pn', '--onnx', file, '--batch', '3']);
    const session = await InferenceSession.create(file);
    expect(session.inputNames).toEqual(['images']);
    const [logits] = session.outputMetadata;
    expect(logits).toMatchObject({ isTensor: true, shape: [3, 1000] });
    await session.release();
  });

  it('is the same file for the same seed', async () => {
    const folder = temporaryFolder();
    const [first, second, other] = await Promise.all(
      [
        ['a.onnx', '5'],
        ['b.onnx', '5'],
        ['c.onnx', '6'],
      ].map(async ([name = '', seed = '']) => {
        await ecfxJson(['export', 'b0@32:w0.25,d0.25', '--onnx', join(folder, name), '--seed', seed]);
        return readFileSync(join(folder, name));
      }),
    );
    expect(first && second && first.equals(second)).toBe(true);
    expect(first && other && first.equals(other)).toBe(false);
  });

  it('says that a path cannot be written, before it builds anything', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const run = await ecfx(['export', 'b0', '--onnx', join(folder, 'file', 'model.onnx')]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('cannot write');
  });
});
