import { describe, expect, test } from 'vitest';
import { EcfxError } from '../../src/errors.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { parameterOnlyNodes, tensorsOfKind } from '../../src/graph/graph.ts';
import { ShapeError } from '../../src/graph/shape-error.ts';
import { activation } from '../../src/operators/activation.ts';
import { conv2d } from '../../src/operators/convolution.ts';
import { binary } from '../../src/operators/elementwise.ts';
import { noPads } from '../../src/operators/padding.ts';

const zero = { kind: 'constant', value: 0 } as const;
const plain = { stride: 1, dilation: 1, groups: 1, pads: noPads };

function errorOf(action: () => unknown): EcfxError {
  try {
    action();
  } catch (error) {
    if (error instanceof EcfxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('scopes', () => {
  test('name nodes and parameters from the outside in', () => {
    const graph = new GraphBuilder('net');
    const input = graph.input('images', [1, 3, 8, 8]);
    const output = graph.stage('stages.3', () =>
      graph.block('1', () =>
        graph.layer('expand', () => {
          const filter = graph.parameter('conv.filter', [6, 3, 1, 1], zero);
          return graph.apply(conv2d, 'conv', { input, filter }, plain);
        }),
      ),
    );
    const { nodes, tensors } = graph.build([output]);
    expect(nodes[0]?.name).toBe('stages.3.1.expand.conv');
    expect(nodes[0]?.scope).toEqual({
      stage: 'stages.3',
      block: 'stages.3.1',
      layer: 'stages.3.1.expand',
    });
    expect(tensors.map(({ name }) => name)).toEqual([
      'images',
      'stages.3.1.expand.conv.filter',
      'stages.3.1.expand.conv',
    ]);
  });

  test('end with their body, also when it throws', () => {
    const graph = new GraphBuilder('net');
    expect(() =>
      graph.stage('stem', () => {
        throw new Error('in the body');
      }),
    ).toThrow('in the body');
    expect(graph.parameter('free', [1], zero).name).toBe('free');
  });
});

test('two tensors of one name are refused', () => {
  const graph = new GraphBuilder('net');
  graph.input('images', [1]);
  expect(() => graph.input('images', [1])).toThrow('two tensors are called images');
});

test('a constant needs a value for each element', () => {
  const graph = new GraphBuilder('net');
  expect(() => graph.constant('one', [2, 2], Float64Array.of(1))).toThrow(RangeError);
});

test('an operand that does not fit is an error that names scope, operator and shapes', () => {
  const graph = new GraphBuilder('net');
  const input = graph.input('images', [2, 3, 8, 8]);
  const error = errorOf(() =>
    graph.stage('stem', () =>
      graph.layer('entry', () => {
        const filter = graph.parameter('filter', [4, 5, 3, 3], zero);
        return graph.apply(conv2d, 'conv', { input, filter }, plain);
      }),
    ),
  );
  expect(error).toBeInstanceOf(ShapeError);
  expect(error.kind).toBe('usage');
  for (const part of ['stem.entry.conv', 'conv2d', 'input 2×3×8×8', 'filter 4×5×3×3']) {
    expect(error.message).toContain(part);
  }
});

test('nodes that no input reaches are those of parameters alone', () => {
  const graph = new GraphBuilder('net');
  const images = graph.input('images', [1, 4]);
  const scale = graph.parameter('scale', [4], zero);
  const one = graph.constant('one', [4], Float64Array.of(1, 1, 1, 1));
  const add = { function: 'add' } as const;
  const shifted = graph.apply(binary, 'shifted', { left: scale, right: one }, add);
  const activated = graph.apply(activation, 'activated', { input: shifted }, { function: 'relu' });
  const output = graph.apply(binary, 'output', { left: images, right: activated }, add);
  const built = graph.build([output]);
  expect([...parameterOnlyNodes(built)].map(({ name }) => name)).toEqual(['shifted', 'activated']);
  expect(tensorsOfKind(built, 'parameter')).toEqual([scale]);
  expect(tensorsOfKind(built, 'constant')).toEqual([one]);
});
