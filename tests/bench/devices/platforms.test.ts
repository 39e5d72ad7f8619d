import { describe, expect, it } from 'vitest';
import { absenceHere } from '../../../src/bench/devices/platforms.ts';

describe('absenceHere', () => {
  it.each([
    ['linux', 'x64', ['coreml', 'dml']],
    ['linux', 'arm64', ['coreml', 'dml', 'cuda']],
    ['darwin', 'arm64', ['dml', 'cuda']],
    ['win32', 'x64', ['coreml', 'cuda']],
  ] as const)('knows what %s on %s can never have', (system, architecture, absent) => {
    const devices = ['cpu', 'webgpu', 'coreml', 'dml', 'cuda'] as const;
    const found = devices.filter((device) => absenceHere('onnxruntime', device, { system, architecture }));
    expect(found).toEqual(absent);
  });

  it('leaves other engines alone', () => {
    const platform = { system: 'darwin', architecture: 'arm64' } as const;
    expect(absenceHere('tensorflow', 'cuda', platform)).toBeUndefined();
  });
});
