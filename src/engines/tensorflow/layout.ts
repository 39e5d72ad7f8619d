import type { Graph, Node, Tensor } from '../../graph/graph.ts';
import { sameShape, type Shape } from '../../graph/shape.ts';
import { asOperator } from '../../operators/registry.ts';
import type { Held, TensorFlow } from './library.ts';

/**
 * How a tensor lies on the device. Graphs speak of `[N, C, H, W]`; the kernels want images as `[N, H, W, C]` and filters
 * as `[kh, kw, C/groups, M]`. Everything with four axes is held as one of these all the time, so an activation is
 * turned once, when it is fed in. `plain` is the graph's own order.
 */
export type Layout = 'plain' | 'channelsLast' | 'filter';

/** The axes of the graph in the order in which they lie on the device. */
export function axesOf(layout: Layout, rank: number): readonly number[] {
  switch (layout) {
    case 'plain':
      return Array.from({ length: rank }, (_, axis) => axis);
    case 'channelsLast':
      return [0, 2, 3, 1];
    case 'filter':
      return [2, 3, 1, 0];
  }
}

export function shapeIn(layout: Layout, shape: Shape): number[] {
  return axesOf(layout, shape.length).map((axis) => shape[axis]!);
}

/** A tensor of a graph's `shape` from one layout into another; free when only axes of extent 1 change places. */
export function rearrange(tf: TensorFlow, held: Held, shape: Shape, from: Layout, to: Layout): Held {
  if (from === to) return held;
  const source = axesOf(from, shape.length);
  return permute(
    tf,
    held,
    axesOf(to, shape.length).map((axis) => source.indexOf(axis)),
  );
}

/** A transposition, or only a view where nothing but axes of extent 1 changes places. */
export function permute(tf: TensorFlow, held: Held, permutation: readonly number[]): Held {
  const moved = permutation.filter((axis) => held.shape[axis] !== 1);
  const isView = moved.every((axis, index) => index === 0 || axis > moved[index - 1]!);
  return isView
    ? tf.reshape(
        held,
        permutation.map((axis) => held.shape[axis]!),
      )
    : tf.transpose(held, [...permutation]);
}

/** The layout of every tensor of a graph: filters, and what becomes of filters in an optimizer, lie as filters. */
export function assignLayouts(graph: Graph): (tensor: Tensor) => Layout {
  const filters = new Set<Tensor>(graph.nodes.flatMap(filtersOf));
  const related = [...graph.nodes.map(alikeIn), ...graph.updates];
  for (let before = -1; before < filters.size;) {
    before = filters.size;
    for (const alike of related)
      if (alike.some((tensor) => filters.has(tensor))) for (const tensor of alike) filters.add(tensor);
  }
  return (tensor) => {
    if (tensor.shape.length !== 4) return 'plain';
    return filters.has(tensor) ? 'filter' : 'channelsLast';
  };
}

function filtersOf(node: Node): Tensor[] {
  const forward = asOperator(node, 'conv2d') ?? asOperator(node, 'conv2dInputGradient');
  if (forward) return [forward.operands.filter];
  return asOperator(node, 'conv2dFilterGradient') ? [...node.outputs] : [];
}

const keepsLayout = new Set([
  'binary',
  'unary',
  'activation',
  'activationGradient',
  'weightStandardization',
  'sgdUpdate',
  'rmspropUpdate',
  'adamUpdate',
]);

/** The tensors of a node that should lie alike, because it works element by element or filter by filter. */
function alikeIn(node: Node): Tensor[] {
  if (!keepsLayout.has(node.operator.name)) return [];
  const [first] = node.outputs;
  return [...Object.values(node.operands), ...node.outputs].filter(
    (tensor): tensor is Tensor => tensor !== undefined && sameShape(tensor.shape, first!.shape),
  );
}
