import type { Graph, Node, Tensor } from '../../../graph/graph.ts';
import { sameShape, type Shape } from '../../../graph/shape.ts';
import { asOperator, type NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { outputOf, type Emitter } from '../emitter.ts';
import { affine, positionsOf } from './affine.ts';
import { convolveEach, isPlainPointwise } from './pointwise.ts';
import { dotOverPositions } from './sums.ts';

/** The node that computes each tensor. */
export type Producers = ReadonlyMap<Tensor, Node>;

export function producersOf(graph: Graph): Producers {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
}

/** The factors of a tensor that is computed as a product. */
function factorsOf(producers: Producers, tensor: Tensor): readonly [Tensor, Tensor] | undefined {
  const producer = producers.get(tensor);
  const product = producer && asOperator(producer, 'binary');
  if (product?.attributes.function !== 'multiply') return undefined;
  return [product.operands.left, product.operands.right];
}

const isImage = ({ length }: Shape) => length === 4;
/** One value per image and channel. */
const isGate = (gate: Shape, image: Shape) =>
  sameShape(gate, [image[0] ?? 0, image[1] ?? 0, 1, 1]) && !sameShape(gate, image);

/**
 * Σ over positions of dy·x, the gradient of a gate: without writing the product, which then has no
 * reader and is left out. False when the node is something else.
 */
export function lowerGateGradient(node: NodeOf<'sumTo'>, emit: Emitter, producers: Producers): boolean {
  const { input } = node.operands;
  const output = outputOf(node);
  const factors = isImage(input.shape) && isGate(output.shape, input.shape) && factorsOf(producers, input);
  if (!factors || !factors.every(({ shape }) => sameShape(shape, input.shape))) return false;
  const chain = new Chain(emit);
  chain.reshapeTo(output, dotOverPositions(chain, factors[0].name, factors[1].name, input.shape));
  return true;
}

/**
 * x·gate + shift with a gate and a shift per image and channel, the gradient through squeeze-and-excite: one pass.
 * False when the node is something else.
 */
export function lowerGatedSum(node: NodeOf<'binary'>, emit: Emitter, producers: Producers): boolean {
  if (node.attributes.function !== 'add') return false;
  const output = outputOf(node);
  if (!isImage(output.shape)) return false;
  const { left, right } = node.operands;
  for (const [product, shift] of [
    [left, right],
    [right, left],
  ] as const) {
    const factors = isGate(shift.shape, output.shape) ? factorsOf(producers, product) : undefined;
    const gated = imageAndGate(factors, output.shape);
    if (!gated) continue;
    const chain = new Chain(emit);
    chain.reshapeTo(
      output,
      affine(chain, gated.image.name, output.shape, 'imageAndChannel', gated.gate.name, shift.name),
    );
    return true;
  }
  return false;
}

/** An image and what gates it. */
export interface Gated {
  readonly image: Tensor;
  readonly gate: Tensor;
}

function imageAndGate(factors: readonly Tensor[] | undefined, shape: Shape): Gated | undefined {
  const gate = factors?.find((factor) => isGate(factor.shape, shape));
  const image = factors?.find((factor) => sameShape(factor.shape, shape));
  return gate && image && { image, gate };
}

/** The factors of a product that gates an image. */
export function gatedImage({
  operands: { left, right },
  attributes,
  outputs,
}: NodeOf<'binary'>): Gated | undefined {
  const [product] = outputs;
  return product && isImage(product.shape) && attributes.function === 'multiply'
    ? imageAndGate([left, right], product.shape)
    : undefined;
}

/** The gated image that a 1×1 convolution reads, where filters of each image are smaller than the map. */
export function gatedPointwise(node: NodeOf<'conv2d'>, producers: Producers): Gated | undefined {
  const { input, filter } = node.operands;
  const producer = producers.get(input);
  const product = producer && asOperator(producer, 'binary');
  const isSmall = filter.shape[0]! <= positionsOf(input.shape);
  return product && isPlainPointwise(node) && isSmall ? gatedImage(product) : undefined;
}

/** A 1×1 convolution of a gated image: the gate goes into the filter, one per image, instead of over the image. */
export function lowerGatedPointwise(node: NodeOf<'conv2d'>, { image, gate }: Gated, emit: Emitter): void {
  const { filter } = node.operands;
  const [outputs = 0, inputs = 0] = filter.shape;
  const chain = new Chain(emit);
  const filters = chain.step('Mul', [
    chain.reshape(filter.name, [1, outputs, inputs]),
    chain.reshape(gate.name, [image.shape[0]!, 1, inputs]),
  ]);
  convolveEach(chain, outputOf(node), image, filters);
}
