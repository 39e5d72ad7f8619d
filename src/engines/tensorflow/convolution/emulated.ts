import type { Graph, Node } from '../../../graph/graph.ts';
import type { Detour } from '../../emulation.ts';
import { asOperator } from '../../../operators/registry.ts';
import type { Abilities } from '../library.ts';
import { geometryOf, isDepthwise, type Geometry } from './geometry.ts';
import { methodOf, type ConvolutionPart } from './method.ts';

/**
 * The convolutions of a graph that the backend has no kernel for. What is elementwise anyway (norms, activations,
 * optimizers) is not meant: made of several kernels, it computes the same.
 */
export function convolutionDetours(graph: Graph, abilities: Abilities): Detour[] {
  return graph.nodes.flatMap((node) => {
    const convolution = convolutionOf(node);
    if (!convolution) return [];
    const { part, geometry } = convolution;
    const method = methodOf(part, geometry, abilities);
    if (method !== 'taps' && method !== 'depthwiseParts') return [];
    return [
      { operator: `${node.operator.name} (${kindOf(geometry)})`, excessMacs: excessOf(part, geometry) },
    ];
  });
}

/**
 * Forward and for the filter, taps compute each product of the definition once. The input's gradient is computed by
 * phases over whole windows: of the padding too, which is cut off.
 */
function excessOf(part: ConvolutionPart, geometry: Geometry): number {
  if (part !== 'inputGradient') return 0;
  const { batch, channels, filters, groups, kernel, stride, pads, input, output } = geometry;
  const [rows, columns] = [0, 1].map((axis) =>
    Math.ceil((input[axis]! + pads.before[axis]! + pads.after[axis]!) / stride),
  ) as [number, number];
  // Every tap is in one phase, and met at each of its positions.
  const products = batch * filters * (channels / groups) * kernel[0] * kernel[1];
  return products * (rows * columns - output[0] * output[1]);
}

function convolutionOf(node: Node): { part: ConvolutionPart; geometry: Geometry } | undefined {
  const forward = asOperator(node, 'conv2d');
  if (forward) {
    const { input, filter } = forward.operands;
    return { part: 'forward', geometry: geometryOf(input.shape, filter.shape, forward.attributes) };
  }
  const toInput = asOperator(node, 'conv2dInputGradient');
  if (toInput) {
    const { operands, attributes } = toInput;
    const geometry = geometryOf(attributes.inputShape, operands.filter.shape, attributes);
    return { part: 'inputGradient', geometry };
  }
  const toFilter = asOperator(node, 'conv2dFilterGradient');
  if (toFilter) {
    const { operands, attributes } = toFilter;
    const geometry = geometryOf(operands.input.shape, attributes.filterShape, attributes);
    return { part: 'filterGradient', geometry };
  }
  return undefined;
}

function kindOf(geometry: Geometry): string {
  if (isDepthwise(geometry)) return 'depthwise';
  return geometry.groups > 1 ? 'grouped' : 'dense';
}
