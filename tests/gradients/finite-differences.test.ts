import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { backpropagate } from '../../src/gradients/backpropagate.ts';
import type { AnyOperator } from '../../src/graph/operator.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { noPads } from '../../src/operators/padding.ts';
import { pool2d } from '../../src/operators/pooling.ts';
import { operators } from '../../src/operators/registry.ts';
import { reduce } from '../../src/operators/reduction.ts';
import { expectFiniteDifferences } from './expect-finite-differences.ts';
import { operatorCases } from './operator-cases.ts';
import { differentiateWeightedSum } from './weighted-sum.ts';

describe('gradients of operators equal central differences in double precision', () => {
  it.each(operatorCases)('$name', (operatorCase) => {
    expectFiniteDifferences(differentiateWeightedSum(operatorCase));
  });

  it('covers every operator that has a gradient, by each of its operands', () => {
    const tested = new Set<string>();
    for (const operatorCase of operatorCases) {
      const { graph, gradients } = differentiateWeightedSum(operatorCase);
      for (const node of graph.nodes.filter(({ name }) => name === 'y'))
        for (const [name, operand] of Object.entries(node.operands))
          if (operand && gradients.has(operand)) tested.add(`${node.operator.name}.${name}`);
    }
    const differentiable = Object.values<AnyOperator>(operators).filter((operator) => 'gradient' in operator);
    const covered = new Set([...tested].map((name) => name.split('.')[0]));
    expect([...covered].sort()).toEqual(differentiable.map(({ name }) => name).sort());
    for (const operand of ['conv2d.bias', 'dense.bias', 'matmul.right', 'groupNormTraining.offset'])
      expect(tested).toContain(operand);
  });

  it('leaves without a gradient only what is a gradient or an update itself', () => {
    const others = Object.values<AnyOperator>(operators).filter((operator) => !('gradient' in operator));
    for (const { name } of others) expect(name).toMatch(/Gradient$|Update$/);
  });
});

describe('gradients of tensors with several readers', () => {
  const multiply = { function: 'multiply' } as const;
  const add = { function: 'add' } as const;

  it('add up', () => {
    const body: Parameters<typeof differentiateWeightedSum>[0]['body'] = (graph, operands) => {
      const x = operands['x']!;
      const square = graph.apply(binary, 'square', { left: x, right: x }, multiply);
      const cube = graph.apply(binary, 'cube', { left: square, right: x }, multiply);
      return graph.apply(binary, 'y', { left: cube, right: square }, add);
    };
    expectFiniteDifferences(differentiateWeightedSum({ shapes: { x: [2, 3] }, body }));
  });

  it('add up where some are the same along an axis and others along another', () => {
    const body: Parameters<typeof differentiateWeightedSum>[0]['body'] = (graph, operands) => {
      const x = operands['x']!;
      const square = graph.apply(binary, 'square', { left: x, right: x }, multiply);
      const rows = graph.apply(reduce, 'rows', { input: square }, { function: 'sum', axes: [1] });
      const columns = graph.apply(reduce, 'columns', { input: square }, { function: 'mean', axes: [0] });
      return graph.apply(binary, 'y', { left: rows, right: columns }, multiply);
    };
    expectFiniteDifferences(differentiateWeightedSum({ shapes: { x: [3, 4] }, body }));
  });

  it('add up for one tensor that is read twice by one node, once broadcast', () => {
    const body: Parameters<typeof differentiateWeightedSum>[0]['body'] = (graph, operands) => {
      const x = operands['x']!;
      const largest = graph.apply(reduce, 'largest', { input: x }, { function: 'max', axes: [1] });
      return graph.apply(binary, 'y', { left: x, right: largest }, { function: 'divide' });
    };
    expectFiniteDifferences(differentiateWeightedSum({ shapes: { x: [3, 4] }, body }));
  });
});

describe('at a tie, where there is no derivative', () => {
  const gradients = (
    shapes: Record<string, number[]>,
    fills: Record<string, number[]>,
    body: Parameters<typeof differentiateWeightedSum>[0]['body'],
  ) => {
    const filled = Object.entries({ ...fills, weights: [6] }).map(([name, values]) => {
      return [name, () => Float64Array.from(values)] as const;
    });
    const { gradients: all, values } = differentiateWeightedSum({
      shapes,
      fills: Object.fromEntries(filled),
      body,
    });
    return Object.fromEntries([...all].map(([{ name }, gradient]) => [name, [...values.get(gradient)!]]));
  };

  it('equal maxima of a reduction share', () => {
    const largest = gradients({ x: [4] }, { x: [2, 1, 2, 2] }, (graph, { x }) =>
      graph.apply(reduce, 'y', { input: x! }, { function: 'max', axes: [0] }),
    );
    expect(largest).toEqual({ x: [2, 0, 2, 2] });
  });

  it('the first maximum of a window gets all', () => {
    const window = { kernel: [2, 2] as const, stride: 1, dilation: 1, pads: noPads };
    const pooled = gradients({ x: [1, 1, 2, 2] }, { x: [1, 2, 2, 2] }, (graph, { x }) =>
      graph.apply(pool2d, 'y', { input: x! }, { function: 'max', window }),
    );
    expect(pooled).toEqual({ x: [0, 6, 0, 0] });
  });

  it.each(['maximum', 'minimum'] as const)('one side of a %s gets all', (name) => {
    const one = gradients({ x: [1], y: [1] }, { x: [3], y: [3] }, (graph, { x, y }) =>
      graph.apply(binary, 'z', { left: x!, right: y! }, { function: name }),
    );
    expect(one).toEqual(name === 'maximum' ? { x: [6], y: [0] } : { x: [0], y: [6] });
  });
});

describe('what cannot be differentiated is refused', () => {
  const scalarOf = (graph: GraphBuilder, body: (x: ReturnType<GraphBuilder['parameter']>) => void) => {
    const x = graph.parameter('x', [2], { kind: 'constant', value: 1 });
    body(x);
    return x;
  };
  const axes = { function: 'sum', axes: [0] } as const;

  it('a parameter without influence', () => {
    const graph = new GraphBuilder('test');
    const x = scalarOf(graph, () => undefined);
    const other = graph.parameter('other', [1], { kind: 'constant', value: 1 });
    const sum = graph.apply(reduce, 'sum', { input: x }, axes);
    expect(() => backpropagate(graph, sum, [other])).toThrow('other has no influence on sum');
  });

  it('a parameter that is only compared', () => {
    const graph = new GraphBuilder('test');
    const x = scalarOf(graph, () => undefined);
    const step = graph.apply(binary, 'step', { left: x, right: x }, { function: 'greaterEqual' });
    const sum = graph.apply(reduce, 'sum', { input: step }, axes);
    expect(() => backpropagate(graph, sum, [x])).toThrow('x has no influence on sum');
  });
});
