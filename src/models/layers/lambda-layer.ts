import type { GraphBuilder } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/graph.ts';
import { broadcast } from '../../operators/broadcasting.ts';
import { reshape, slice, transpose } from '../../operators/layout.ts';
import { matmul } from '../../operators/matrix-product.ts';
import { softmax } from '../../operators/reduction.ts';
import type { NetworkBuilder } from './network-builder.ts';

/** How far positions see each other: a window of `size`×`size` around each, or the whole image. */
export type LambdaContext =
  { readonly kind: 'window'; readonly size: number; readonly bias: boolean } | { readonly kind: 'image' };

export interface LambdaOptions {
  readonly heads: number;
  /** Channels of a key, k. */
  readonly key: number;
  /** Intra-depth, u: keys and values per position. With the whole image as context, 1. */
  readonly depth: number;
  readonly context: LambdaContext;
}

/**
 * Lambda layer (Bello 2021, arXiv 2102.08602, §3): every position's context becomes a linear function, its lambda
 * k → v, which is applied to the position's queries. `[N, C, H, W]` → `[N, heads·v, H, W]` with as many channels.
 *
 *     content lambda   λc = Σ_m softmax_m(K_m) V_mᵀ            of the image
 *     position lambda  λp_n = Σ_m E_{m−n} V_mᵀ                  of position n: a convolution of V with E
 *     y_n = (λc + λp_n)ᵀ q_n                                    for the query of each head
 *
 * Queries and values are normalized, keys are not. With n = H·W and window r, the multiply-accumulates are
 * n·C·(h·k + k·u + v·u) for queries, keys and values, u·n·k·v + h·n·k·v for content, u·k·r²·n·v + h·n·k·v for position;
 * what has to be kept at once is n·k·v for the position lambdas, whatever the number of heads.
 */
export function lambdaLayer(
  net: NetworkBuilder,
  name: string,
  input: Tensor,
  { heads, key, depth, context }: LambdaOptions,
): Tensor {
  const { graph } = net;
  const [batch, channels, height, width] = input.shape as [number, number, number, number];
  const value = channels / heads;
  const positions = height * width;
  return graph.layer(name, () => {
    const queries = net.convNorm('query', input, { channels: heads * key, kernel: 1 });
    const keys = net.conv('key', input, { channels: key * depth, kernel: 1 });
    const values = net.convNorm('value', input, { channels: value * depth, kernel: 1 });
    const view = (node: string, tensor: Tensor, ...shape: number[]) =>
      graph.apply(reshape, node, { input: tensor }, { shape });
    const turn = (node: string, tensor: Tensor, ...permutation: number[]) =>
      graph.apply(transpose, node, { input: tensor }, { permutation });
    const product = (node: string, left: Tensor, right: Tensor) =>
      graph.apply(matmul, node, { left, right }, {});

    const rows = view('keyRows', keys, batch, key * depth, positions);
    const weights = graph.apply(softmax, 'keyWeights', { input: rows }, { axis: 2 });
    const weightRows = view('weights', weights, batch, key, depth * positions);
    const valueRows = view('values', values, batch, value, depth * positions);
    // Σ over positions and depth: [N, v, k], the same for all heads.
    const content = product('contentLambda', valueRows, turn('weightColumns', weightRows, 0, 2, 1));
    const shared = view('contentLambdas', content, batch, 1, value, key);
    const headQueries = view('headQueries', queries, batch, heads, key, positions);
    const byContent = product('content', shared, headQueries);

    const lambdas =
      context.kind === 'window'
        ? windowLambdas(net, values, { key, depth, value, size: context.size, bias: context.bias })
        : imageLambdas(net, valueRows, { key, height, width });
    // One product for each position: [N, n, h, k] · [N, n, k, v].
    const positionQueries = turn('positionQueries', headQueries, 0, 3, 1, 2);
    const applied = product('position', positionQueries, lambdas);
    const byPosition = turn('byPosition', applied, 0, 2, 3, 1);
    const both = net.add(byContent, byPosition);
    const output = view('output', both, batch, channels, height, width);
    // A query of k terms meets both lambdas; a content is a mean of values, no larger than one.
    const power = net.signal.of(lambdas) + net.signal.of(values);
    return net.signal.note(output, key * net.signal.of(queries) * power);
  });
}

/** Each channel of the values, all depths of it, is convolved with E: `[N, n, k, v]`. */
function windowLambdas(
  net: NetworkBuilder,
  values: Tensor,
  options: {
    readonly key: number;
    readonly depth: number;
    readonly value: number;
    readonly size: number;
    readonly bias: boolean;
  },
): Tensor {
  const { graph } = net;
  const { key, depth, value, size, bias } = options;
  const [batch, , height, width] = values.shape as [number, number, number, number];
  const planes = graph.apply(
    reshape,
    'planes',
    { input: values },
    { shape: [batch * value, depth, height, width] },
  );
  net.signal.note(planes, net.signal.of(values));
  const embedding = { channels: key, kernel: size, bias, padding: 'symmetric' } as const;
  const convolved = net.conv('embedding', planes, embedding);
  const shape = [batch, value, key, height * width];
  const split = graph.apply(reshape, 'lambdas', { input: convolved }, { shape });
  const turned = graph.apply(transpose, 'positionLambda', { input: split }, { permutation: [0, 3, 2, 1] });
  return net.signal.note(turned, net.signal.of(convolved));
}

/** Every position's embedding of every other, from one embedding of each distance, times the values: `[N, n, k, v]`. */
function imageLambdas(
  net: NetworkBuilder,
  valueRows: Tensor,
  { key, height, width }: { readonly key: number; readonly height: number; readonly width: number },
): Tensor {
  const { graph } = net;
  const [batch, value, positions] = valueRows.shape as [number, number, number];
  const power = 1 / positions;
  const distances = graph.parameter('embedding', [key, 2 * height - 1, 2 * width - 1], {
    kind: 'uniform',
    rootMeanSquare: Math.sqrt(power),
  });
  // [k, Δy, Δx] → [k, Δy, x, x′] → [k, x, x′, Δy] → [k, x, x′, y, y′] → [y, x, k, y′, x′]
  const columns = pairsOf(graph, 'columns', distances);
  const turned = graph.apply(transpose, 'rows', { input: columns }, { permutation: [0, 2, 3, 1] });
  const pairs = pairsOf(graph, 'pairs', turned);
  const ordered = graph.apply(transpose, 'ordered', { input: pairs }, { permutation: [3, 1, 0, 4, 2] });
  const shape = [positions * key, positions];
  const left = graph.apply(reshape, 'embeddings', { input: ordered }, { shape });
  const right = graph.apply(transpose, 'valueColumns', { input: valueRows }, { permutation: [0, 2, 1] });
  const lambdas = graph.apply(matmul, 'positionLambda', { left, right }, {});
  const split = graph.apply(
    reshape,
    'lambdas',
    { input: lambdas },
    { shape: [batch, positions, key, value] },
  );
  return net.signal.note(split, 0.01);
}

/** What belongs to the distances −(L − 1) … L − 1 along the last axis, for every pair: `[…, 2L − 1]` → `[…, L, L]`. */
function pairsOf(graph: GraphBuilder, name: string, input: Tensor): Tensor {
  const outer = input.shape.slice(0, -1);
  const axis = outer.length;
  const distances = input.shape[axis]!;
  const length = (distances + 1) / 2;
  const view = (node: string, tensor: Tensor, shape: readonly number[]) =>
    graph.apply(reshape, `${name}.${node}`, { input: tensor }, { shape });
  // A single position has a single distance.
  if (length === 1) return graph.apply(reshape, name, { input }, { shape: [...outer, 1, 1] });
  // Rows of 2L − 1 read with a stride of 2L − 2 begin one distance earlier each.
  const single = view('single', input, [...outer, 1, distances]);
  const repeated = graph.apply(
    broadcast,
    `${name}.repeated`,
    { input: single },
    { shape: [...outer, length, distances] },
  );
  const flat = view('flat', repeated, [...outer, length * distances]);
  const start = length - 1;
  const end = start + length * (distances - 1);
  const skewed = graph.apply(slice, `${name}.skewed`, { input: flat }, { axis, start, end });
  const rows = view('rows', skewed, [...outer, length, distances - 1]);
  return graph.apply(slice, name, { input: rows }, { axis: axis + 1, start: 0, end: length });
}
