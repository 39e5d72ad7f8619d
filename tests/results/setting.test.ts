import { describe, expect, it } from 'vitest';
import type { Subject } from '../../src/results/schema.ts';
import { bySetting, settingFields, settingKey, subjectKey } from '../../src/results/setting.ts';

const subject: Subject = {
  variant: 'efficientnet-b0',
  mode: 'inference',
  engine: 'onnxruntime',
  device: 'cpu',
  precision: 'fp32',
  batch: 8,
  threads: 2,
};

describe('settings', () => {
  it('differ in everything but the variant', () => {
    const other: Subject = {
      variant: 'efficientnet-b1',
      mode: 'training',
      engine: 'tensorflow',
      device: 'webgpu',
      precision: 'fp16',
      batch: 4,
      threads: 1,
      optimizer: 'sgd',
    };
    const pick = { variant: other.variant };
    for (const field of settingFields) {
      expect(settingKey({ ...subject, [field]: other[field] })).not.toBe(settingKey(subject));
    }
    expect(settingKey({ ...subject, ...pick })).toBe(settingKey(subject));
    expect(subjectKey({ ...subject, ...pick })).not.toBe(subjectKey(subject));
  });

  it('group in the order of their first members', () => {
    const variants = ['a', 'b'].flatMap((variant) => [
      { ...subject, variant },
      { ...subject, variant, batch: 4 },
    ]);
    const names = bySetting(variants).map((group) =>
      group.map(({ variant, batch }) => `${variant} ${batch}`),
    );
    expect(names).toEqual([
      ['a 8', 'b 8'],
      ['a 4', 'b 4'],
    ]);
  });
});
