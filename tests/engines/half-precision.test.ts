import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardModel } from '../../src/engines/onnxruntime/card-model.ts';
import { lowerGraph } from '../../src/engines/onnxruntime/lower.ts';
import { encodeModel } from '../../src/engines/onnxruntime/onnx/encode.ts';
import { inHalfPrecision, toHalf } from '../../src/engines/onnxruntime/onnx/half-precision.ts';
import { webgpuLowerings } from '../../src/engines/onnxruntime/webgpu-lowerings.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { standardTrainingStep } from '../../src/analysis/training.ts';
import { buildGraph, parseVariant } from '../../src/models/variants/variant.ts';
import { relativeError, runReference } from './support.ts';

/** The number that 16 bits stand for, by the definition of binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('16-bit floats', () => {
  it('keep every value that they can hold', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits);
    }
  });

  it('are the nearest to a number, with ties to the even one', () => {
    fc.assert(
      fc.property(fc.float({ min: -65_000, max: 65_000, noNaN: true }), (value) => {
        const bits = toHalf(value);
        const error = Math.abs(fromHalf(bits) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          const other = fromHalf(neighbour & 0xffff);
          if (Number.isNaN(other)) continue;
          const otherError = Math.abs(other - value);
          expect(error).toBeLessThanOrEqual(otherError);
          if (error === otherError && other !== fromHalf(bits)) expect(bits & 1).toBe(0);
        }
      }),
    );
    expect(toHalf(65_520)).toBe(0x7c00);
    expect(toHalf(-1e30)).toBe(0xfc00);
  });

  it.each(['b0@32:w0.25,d0.25', 'b0@32:w0.25,d0.25,g4,ln+pn'])(
    '%s in them differs from the definitions by no more than they round',
    async (name) => {
      const graph = buildGraph(parseVariant(name), 2);
      const weights = initializeWeights(graph, 1);
      const inputs = randomInputs(graph, 2);
      // The processor's provider has no kernels for them and casts around each operator: the values are the same.
      const model = encodeModel(inHalfPrecision(lowerGraph(graph, weights, {}, webgpuLowerings)));
      const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
      const [image] = graph.tensors;
      const feeds = { [image!.name]: new OnnxTensor('float32', inputs.get(image!.name)!, image!.shape) };
      const results = await session.run(feeds);
      await session.release();
      const [expected] = runReference(graph, weights, inputs);
      const error = relativeError(results[graph.outputs[0]!.name]!.data as Float32Array, expected!);
      expect(error).toBeLessThan(2e-2);
      expect(error).toBeGreaterThan(1e-6);
    },
  );

  it('are refused for training, which would need a scaled loss', () => {
    const graph = standardTrainingStep(parseVariant('b0@32:w0.1,d0.1'), 2, 'sgd');
    const options = { weights: initializeWeights(graph, 1), precision: 'fp16' } as const;
    expect(() => cardModel(graph, options)).toThrow('scaled loss');
  });
});
