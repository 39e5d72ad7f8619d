import { describe, expect, it } from 'vitest';
import { emulationOf } from '../../src/engines/emulation.ts';
import { fastLowerings } from '../../src/engines/onnxruntime/fast/table.ts';
import { lowerGraph } from '../../src/engines/onnxruntime/lower.ts';
import { standardLowerings } from '../../src/engines/onnxruntime/standard/table.ts';
import { convolutionDetours } from '../../src/engines/tensorflow/convolution/emulated.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { conv2dInputGradient } from '../../src/operators/convolution-gradients.ts';

const noKernels = {
  batchedProducts: false,
  groupedConvolution: false,
  filterGradient: false,
  depthwiseInputGradient: false,
  depthwiseFilterGradient: false,
  fusedBatchNorm: false,
  poolsFasterThanReduces: false,
  ownBlocks: false,
};

/** The gradient with respect to two images of 16 channels, 8×8, of a 3×3 convolution with a padding of one. */
function inputGradient(groups: number, stride: 1 | 2): Graph {
  const graph = new GraphBuilder('gradient');
  const extent = 8 / stride;
  const outputGradient = graph.input('outputGradient', [2, 16, extent, extent]);
  const filter = graph.input('filter', [16, 16 / groups, 3, 3]);
  const pads = { before: [1, 1], after: [1, 1] } as const;
  const attributes = { stride, dilation: 1, groups, pads, inputShape: [2, 16, 8, 8] };
  return graph.build([graph.apply(conv2dInputGradient, 'dx', { outputGradient, filter }, attributes)]);
}

/** Products at one position. */
const products = (groups: number) => 2 * 16 * (16 / groups) * 3 * 3;

describe('products that emulation adds', () => {
  // With its padding the image has 10×10 positions.
  it.each([
    { groups: 16, stride: 1, kind: 'depthwise' },
    { groups: 4, stride: 1, kind: 'grouped' },
    { groups: 16, stride: 2, kind: 'depthwise' },
    { groups: 4, stride: 2, kind: 'grouped' },
  ] as const)('TensorFlow.js, by phases: the padding ($kind, stride $stride)', ({ groups, stride, kind }) => {
    const graph = inputGradient(groups, stride);
    expect(emulationOf(graph, convolutionDetours(graph, noKernels))).toEqual({
      emulated: [`conv2dInputGradient (${kind})`],
      executedMacs: products(groups) * (10 / stride) ** 2,
    });
  });

  const onBlocks = (graph: Graph) => {
    const table = fastLowerings(standardLowerings, { graph, block: 4, isConstant: () => false });
    return emulationOf(graph, lowerGraph(graph, new Map(), {}, table).detours);
  };

  it('ONNX Runtime, depthwise with a stride: the zeros between positions', () => {
    expect(onBlocks(inputGradient(16, 2))).toEqual({
      emulated: ['conv2dInputGradient (depthwise)'],
      executedMacs: products(16) * 8 * 8,
    });
  });

  it.each([
    [16, 1],
    [4, 1],
    [4, 2],
  ] as const)('ONNX Runtime, %d groups, stride %d: none', (groups, stride) => {
    expect(onBlocks(inputGradient(groups, stride))).toEqual({ emulated: [], executedMacs: null });
  });
});
