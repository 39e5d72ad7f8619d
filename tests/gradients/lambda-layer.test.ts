import { describe, expect, it, test } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { backpropagate } from '../../src/gradients/backpropagate.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';
import { size } from '../../src/graph/shape.ts';
import { lambdaLayer, type LambdaContext } from '../../src/models/layers/lambda-layer.ts';
import { NetworkBuilder } from '../../src/models/layers/network-builder.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { reduce } from '../../src/operators/reduction.ts';
import { relativeError } from '../engines/support.ts';
import { expectFiniteDifferences } from './expect-finite-differences.ts';
import { normal } from './fills.ts';

const knobs = { norm: { kind: 'layer', proxy: false }, activation: 'relu', padding: 'same' } as const;

/** A lambda layer over `[2, 4, H, W]`; tensors are filled by their names. */
function build(context: LambdaContext, depth: number, [height, width]: [number, number]) {
  const net = new NetworkBuilder('lambda layer', knobs, 'training');
  const input = net.graph.parameter('input', [2, 4, height, width], { kind: 'constant', value: 0 });
  const output = lambdaLayer(net, 'lambda', input, { heads: 2, key: 3, depth, context });
  expect(output.shape).toEqual(input.shape);
  return { net, output };
}

function filled({ tensors }: Pick<Graph, 'tensors'>): Map<Tensor, ArrayLike<number>> {
  // The embedding has the same values, whatever form it comes in.
  const fill = ({ name, shape }: Tensor) => normal(size(shape), name.replace('.conv.filter', ''));
  return new Map(
    tensors.flatMap((tensor) =>
      tensor.kind === 'computed' ? [] : [[tensor, tensor.kind === 'constant' ? tensor.values : fill(tensor)]],
    ),
  );
}

test('the whole image is a window that reaches from any position to any other', () => {
  const [window, image] = ([{ kind: 'window', size: 7, bias: false }, { kind: 'image' }] as const).map(
    (context) => {
      const { net, output } = build(context, 1, [4, 4]);
      const graph = net.graph.build([output]);
      return evaluate(graph, filled(graph)).get(output)!;
    },
  );
  expect(relativeError(image!, window!)).toBeLessThan(1e-12);
});

describe('gradients of the lambda layer equal central differences in double precision', () => {
  it.each<[string, LambdaContext, number, [number, number]]>([
    ['a window', { kind: 'window', size: 3, bias: true }, 2, [3, 2]],
    ['a window wider than the image', { kind: 'window', size: 7, bias: false }, 1, [2, 3]],
    ['the whole image', { kind: 'image' }, 1, [2, 3]],
    ['an image of one row', { kind: 'image' }, 1, [1, 3]],
  ])('with %s as context', (_, context, depth, sides) => {
    const { net, output: left } = build(context, depth, sides);
    const right = net.graph.constant('weights', left.shape, normal(size(left.shape), 'weights'));
    const weighted = net.graph.apply(binary, 'weighted', { left, right }, { function: 'multiply' });
    const axes = [0, 1, 2, 3];
    const scalar = net.graph.apply(reduce, 'sum', { input: weighted }, { function: 'sum', axes });
    const gradients = backpropagate(net.graph, scalar, tensorsOfKind(net.graph, 'parameter'));
    const graph = net.graph.build([scalar]);
    expectFiniteDifferences({ graph, scalar, gradients, values: evaluate(graph, filled(graph)) });
  });
});
