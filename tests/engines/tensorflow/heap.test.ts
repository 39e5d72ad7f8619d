import { expect, it } from 'vitest';
import { deviceOf } from '../../../src/engines/registry.ts';
import { broadcast } from '../../../src/operators/broadcasting.ts';
import { runOn, smallGraph } from '../support.ts';

/** A number on WebAssembly, repeated, 4 bytes each. */
function repeated(count: number): Promise<Float32Array[]> {
  const graph = smallGraph({ input: [1] }, (builder, { input }) =>
    builder.apply(broadcast, 'y', { input: input! }, { shape: [count / 1e4, 1e4] }),
  );
  return runOn(deviceOf('tensorflow', 'wasm'), graph, new Map(), new Map([['input', Float32Array.of(7)]]));
}

it.each([
  ['the heap cannot grow to', 1.07373e9],
  ['no address reaches the end of', 1.1e9],
])('WebAssembly says that its heap is full at a tensor that %s, and computes on', async (_, count) => {
  await expect(repeated(count)).rejects.toMatchObject({
    kind: 'failure',
    message: expect.stringContaining(
      'out of memory: the heap of WebAssembly is full, it ends at 4 GB',
    ) as string,
  });
  const [values] = await repeated(1e6);
  expect([values?.[0], values?.at(-1)]).toEqual([7, 7]);
});
