import type * as OnnxRuntime from 'onnxruntime-node';
import { int, ints, Emitter } from '../emitter.ts';
import { Chain } from '../chain.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { blockedDepthwise, blockedGrouped } from './filters.ts';
import { BlockedCopies, convolveBlocked, fromBlocked } from './layout.ts';

/** Block sizes that ONNX Runtime is known to use: 16 with AVX-512, 8 with AVX and AVX2. */
const candidates = [16, 8] as const;

const channels = 32;
const image = [1, channels, 4, 5] as const;

/** The part of the library that the probe needs. */
type Ort = Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>;

let known: Promise<number | undefined> | undefined;

/**
 * The block size of ONNX Runtime's blocked convolutions on this processor, or undefined where there are none or they do
 * not compute what they should. Found by computing: a wrong size gives wrong numbers, not an error. Asked once a process.
 */
export function probeBlock(ort: Ort): Promise<number | undefined> {
  return (known ??= firstRight(ort));
}

async function firstRight(ort: Ort): Promise<number | undefined> {
  for (const block of candidates) if (await isRight(ort, block)) return block;
  return undefined;
}

async function isRight(ort: Ort, block: number): Promise<boolean> {
  try {
    const session = await ort.InferenceSession.create(encodeModel(comparison(block)), {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    try {
      // The numbers are small integers: both ways are exact.
      const fill = (shape: readonly number[], factor: number) => {
        const count = shape.reduce((product, extent) => product * extent, 1);
        const values = Float32Array.from({ length: count }, (_, index) => ((index * factor) % 7) - 3);
        return new ort.Tensor('float32', values, shape);
      };
      const results = await session.run({
        image: fill(image, 5),
        dense: fill([channels, channels, 3, 3], 11),
        depthwise: fill([channels, 1, 3, 3], 13),
      });
      return [results['denseDifference'], results['depthwiseDifference']].every(
        (difference) => difference?.data[0] === 0,
      );
    } finally {
      await session.release();
    }
  } catch {
    // No such operators in this build.
    return false;
  }
}

/** A dense and a depthwise convolution, plain and blocked, and the largest difference of each pair. */
function comparison(block: number): OnnxModel {
  const emit = new Emitter('probe');
  const chain = new Chain(emit);
  const copies = new BlockedCopies(block);
  const geometry = { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) };
  for (const [name, groups, reorder] of [
    ['dense', 1, blockedGrouped],
    ['depthwise', channels, blockedDepthwise],
  ] as const) {
    const shape = [channels, channels / groups, 3, 3];
    const plain = chain.step('Conv', ['image', name], { ...geometry, group: int(groups) });
    const filter = chain.reshape(reorder(chain, name, shape, block), shape);
    const blocked = convolveBlocked(chain, copies.of(chain, { name: 'image', shape: image }), filter, {
      kernel: [3, 3],
      groups,
      pads: [1, 1, 1, 1],
    });
    const difference = chain.step('Sub', [plain, fromBlocked(chain, blocked, channels)]);
    const size = chain.step('Abs', [difference]);
    const largest = { kind: 'computed', name: `${name}Difference`, shape: [1, 1, 1, 1] } as const;
    chain.result(largest, 'ReduceMax', [size]);
  }
  return {
    name: 'probe',
    metadata: {},
    nodes: emit.nodes,
    initializers: emit.initializers,
    inputs: [
      { name: 'image', shape: image },
      { name: 'dense', shape: [channels, channels, 3, 3] },
      { name: 'depthwise', shape: [channels, 1, 3, 3] },
    ],
    outputs: [
      { name: 'denseDifference', shape: [1, 1, 1, 1] },
      { name: 'depthwiseDifference', shape: [1, 1, 1, 1] },
    ],
  };
}
