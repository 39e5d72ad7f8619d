import { create } from 'webgpu';
import { describe, expect, it } from 'vitest';
import { isForThisPlatform } from '../support/chromium-package.ts';

describe('the software GPU of the tests', () => {
  it('is what a process of this project finds', async () => {
    const adapter = await create([]).requestAdapter();
    expect(adapter).not.toBeNull();
    if (isForThisPlatform) expect(adapter?.info.architecture).toBe('swiftshader');
  });
});
