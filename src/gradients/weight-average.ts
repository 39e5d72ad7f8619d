import type { GraphBuilder } from '../graph/builder.ts';
import type { Tensor } from '../graph/graph.ts';
import { binary, type BinaryFunction } from '../operators/elementwise.ts';

/** Keeps an exponential average of a parameter, starting from its first value: average ← decay · average + (1 − decay) · next parameter. */
export function averageWeights(graph: GraphBuilder, parameter: Tensor, next: Tensor, decay: number): void {
  const { name, shape } = parameter;
  const apply = (node: string, left: Tensor, right: Tensor, rule: BinaryFunction) =>
    graph.apply(binary, `${name}.average/${node}`, { left, right }, { function: rule });
  const average = graph.slot(`${name}.average`, shape, { kind: 'sameAs', tensor: name });
  const part = (node: string, value: number) =>
    graph.constant(`${name}.average/${node}`, [1], Float64Array.of(value));
  const kept = apply('kept', average, part('decay', decay), 'multiply');
  const added = apply('added', next, part('rest', 1 - decay), 'multiply');
  graph.update(average, apply('next', kept, added, 'add'));
}
