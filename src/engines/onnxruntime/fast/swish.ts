import type { Graph, Tensor } from '../../../graph/graph.ts';
import { asOperator, type NodeOf } from '../../../operators/registry.ts';
import { Chain } from '../chain.ts';
import { float, outputOf, type Emitter } from '../emitter.ts';
import { affine } from './affine.ts';
import { fewestPositions } from './sums.ts';

/** x·σ(x) in one pass. */
const quickGelu = 'com.microsoft/QuickGelu';
const swish = { alpha: float(1) };

export function lowerSwish(node: NodeOf<'activation'>, emit: Emitter): void {
  new Chain(emit).result(outputOf(node), quickGelu, [node.operands.input.name], swish);
}

/** What forward made of each tensor by swish. */
export function swishOutputs(graph: Graph): ReadonlyMap<Tensor, Tensor> {
  return new Map(
    graph.nodes.flatMap((node) => {
      const activation = asOperator(node, 'activation');
      return activation?.attributes.function === 'swish'
        ? [[activation.operands.input, outputOf(activation)] as const]
        : [];
    }),
  );
}

/**
 * dy·s·(x − y + 1), where y = x·s is `activated`, forward's result, kept for the next convolution's gradient anyway.
 * 1 − y is an affine step, so on large maps a convolution (see `affine`).
 */
export function lowerSwishGradient(
  node: NodeOf<'activationGradient'>,
  emit: Emitter,
  activated: Tensor | undefined,
): void {
  const { input, outputGradient } = node.operands;
  const chain = new Chain(emit);
  const y = activated?.name ?? chain.step(quickGelu, [input.name], swish);
  const slope = slopeOf(chain, y, input.name, input.shape);
  const s = chain.step('Sigmoid', [input.name]);
  const derivative = chain.step('Mul', [slope, s]);
  chain.result(outputOf(node), 'Mul', [derivative, outputGradient.name]);
}

/** x − y + 1. */
function slopeOf(chain: Chain, y: string, x: string, shape: readonly number[]): string {
  const [, channels = 0, height = 0, width = 0] = shape;
  if (shape.length !== 4 || height * width < fewestPositions) {
    return chain.step('Add', [chain.step('Sub', [x, y]), chain.floats([1], 1)]);
  }
  const minus = chain.floats([channels], -1);
  return affine(chain, y, shape, 'channel', minus, chain.floats([channels], 1), x);
}
