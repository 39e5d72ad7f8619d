import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lowerGraph } from '../../src/engines/onnxruntime/lower.ts';
import { standardLowerings } from '../../src/engines/onnxruntime/standard/table.ts';
import { encodeModel } from '../../src/engines/onnxruntime/onnx/encode.ts';
import {
  lowerFilterGradientByTaps,
  webgpuLowerings,
} from '../../src/engines/onnxruntime/webgpu-lowerings.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { conv2dFilterGradient, conv2dInputGradient } from '../../src/operators/convolution-gradients.ts';
import { softmaxCrossEntropy } from '../../src/operators/loss.ts';
import { resolvePads, windowOutput } from '../../src/operators/padding.ts';
import { normalInputs, relativeError, runReference, smallGraph } from './support.ts';

/** Written for graphics cards, but standard operators: the processor runs them as well. */
async function expectReference(graph: Graph, table = webgpuLowerings): Promise<void> {
  const inputs = normalInputs(graph, 3);
  const session = await InferenceSession.create(encodeModel(lowerGraph(graph, new Map(), {}, table)));
  const results = await session.run(
    Object.fromEntries(
      graph.tensors
        .filter(({ kind }) => kind === 'input')
        .map(({ name, shape }) => [name, new OnnxTensor('float32', inputs.get(name)!, shape)]),
    ),
  );
  await session.release();
  const expected = runReference(graph, new Map(), inputs);
  for (const [index, { name }] of graph.outputs.entries()) {
    expect(relativeError(results[name]!.data as Float32Array, expected[index]!), name).toBeLessThan(1e-5);
  }
}

describe('what WebGPU runs instead of the plain lowerings', () => {
  it.each([
    { name: '1×1', channels: 8, groups: 1, kernel: 1, stride: 1, side: [5, 4] as const },
    { name: '1×1/2', channels: 8, groups: 1, kernel: 1, stride: 2, side: [5, 4] as const },
    { name: 'dense 3×3/2', channels: 6, groups: 1, kernel: 3, stride: 2, side: [8, 7] as const },
    { name: 'depthwise 3×3', channels: 6, groups: 6, kernel: 3, stride: 1, side: [6, 5] as const },
    { name: 'depthwise 5×5/2', channels: 6, groups: 6, kernel: 5, stride: 2, side: [9, 8] as const },
    { name: 'grouped 3×3', channels: 8, groups: 2, kernel: 3, stride: 1, side: [6, 6] as const },
    { name: 'grouped 5×5/2', channels: 8, groups: 4, kernel: 5, stride: 2, side: [8, 8] as const },
  ])('$name: gradients of the filter, tap by tap, and of the input', async (geometry) => {
    const { channels, groups, kernel, stride, side } = geometry;
    for (const rule of ['same', 'symmetric'] as const) {
      const pads = resolvePads(rule, side, kernel, stride);
      const output = windowOutput(side, { kernel: [kernel, kernel], stride, dilation: 1, pads });
      const filterShape = [2 * channels, channels / groups, kernel, kernel];
      const isDepthwise = groups === channels;
      if (isDepthwise) filterShape[0] = channels;
      const inputShape = [2, channels, ...side];
      const shapes = {
        input: inputShape,
        filter: filterShape,
        outputGradient: [2, filterShape[0]!, ...output],
      };
      const attributes = { stride, dilation: 1, groups, pads };
      const graph = smallGraph(shapes, (builder, inputs) => {
        const [input, filter, outputGradient] = [
          inputs['input']!,
          inputs['filter']!,
          inputs['outputGradient']!,
        ];
        return [
          builder.apply(
            conv2dFilterGradient,
            'dW',
            { input, outputGradient },
            { ...attributes, filterShape },
          ),
          builder.apply(conv2dInputGradient, 'dX', { outputGradient, filter }, { ...attributes, inputShape }),
        ];
      });
      await expectReference(graph, { ...standardLowerings, conv2dFilterGradient: lowerFilterGradientByTaps });
      await expectReference(graph);
    }
  });

  it('cross-entropy without LogSoftmax', async () => {
    const graph = smallGraph({ logits: [3, 10], labels: [3, 10] }, (builder, { logits, labels }) =>
      builder.apply(softmaxCrossEntropy, 'loss', { logits: logits!, labels: labels! }, {}),
    );
    await expectReference(graph);
  });
});
