import type { Graph, Node } from '../../../graph/graph.ts';
import { asOperator } from '../../../operators/registry.ts';
import type { Abilities } from '../library.ts';
import { geometryOf, isDepthwise, type Geometry } from './geometry.ts';
import { methodOf, type ConvolutionPart } from './method.ts';

/**
 * The convolutions of a graph that the backend has no kernel for, by name: `conv2d (grouped)`. What is elementwise
 * anyway (norms, activations, optimizers) is not meant: made of several kernels, it computes the same.
 */
export function emulatedConvolutions(graph: Graph, abilities: Abilities): string[] {
  const names = graph.nodes.flatMap((node) => {
    const convolution = convolutionOf(node);
    if (!convolution) return [];
    const { part, geometry } = convolution;
    const method = methodOf(part, geometry, abilities);
    return method === 'taps' || method === 'depthwiseParts'
      ? [`${node.operator.name} (${kindOf(geometry)})`]
      : [];
  });
  return [...new Set(names)].sort();
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
