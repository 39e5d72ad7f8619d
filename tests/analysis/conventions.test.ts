import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countNodes } from '../../src/analysis/count.ts';
import { countBy, type ConventionCount } from '../../src/analysis/conventions/convention.ts';
import { explain, type ComparedLine } from '../../src/analysis/conventions/explain.ts';
import {
  conventionNames,
  conventions,
  type ConventionName,
} from '../../src/analysis/conventions/registry.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { pool2d } from '../../src/operators/pooling.ts';
import { noPads } from '../../src/operators/padding.ts';
import { softmax } from '../../src/operators/reduction.ts';
import { matmul } from '../../src/operators/matrix-product.ts';
import { countsOf, nodesOf } from '../support/count-variant.ts';

const count = (variant: string, convention: ConventionName, batch = 1): ConventionCount =>
  countBy(conventions[convention], nodesOf(variant, batch));

const lines = (counted: ConventionCount) =>
  Object.fromEntries(counted.lines.map(({ line, amount }) => [line, amount]));

const variants = fc
  .record({
    size: fc.constantFrom('b0', 'b1'),
    resolution: fc.integer({ min: 1, max: 64 }),
    groups: fc.constantFrom('g1', 'g16,e4'),
    norm: fc.constantFrom('bn', 'gn4', 'ln', 'in', 'none', 'ln+pn', 'bn+pn'),
    act: fc.constantFrom('swish', 'relu', 'relu6', 'gelu', 'hard-swish'),
  })
  .map(({ size, resolution, groups, norm, act }) => `${size}@${resolution}:${groups},${norm},${act}`);
const names = fc.constantFrom(...conventionNames);
const numRuns = 25;

const total = (amounts: readonly { amount: number }[]) =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

describe('laws', () => {
  test('the lines of every convention add up to its totals', () => {
    fc.assert(
      fc.property(variants, names, (variant, name) => {
        const counted = count(variant, name);
        expect(total(counted.parameterLines)).toBe(counted.parameters);
        if (counted.operations === null) expect(counted.reason).not.toBeNull();
        else expect(total(counted.lines)).toBe(counted.operations);
      }),
      { numRuns },
    );
  });

  test('the columns of an explanation add up to both totals, and the differences to their difference', () => {
    fc.assert(
      fc.property(variants, names, names, (variant, leftName, rightName) => {
        const [left, right] = [count(variant, leftName), count(variant, rightName)];
        const { operations, parameters } = explain(left, right);
        const sum = (compared: readonly ComparedLine[], field: 'left' | 'right' | 'difference') =>
          compared.reduce((amount, line) => amount + line[field], 0);
        expect(sum(parameters, 'left')).toBe(left.parameters);
        expect(sum(parameters, 'right')).toBe(right.parameters);
        if (operations === null) {
          expect([left.operations, right.operations]).toContain(null);
          return;
        }
        expect(sum(operations, 'left')).toBe(left.operations);
        expect(sum(operations, 'right')).toBe(right.operations);
        expect(sum(operations, 'difference')).toBe((right.operations ?? 0) - (left.operations ?? 0));
        expect(new Set(operations.map(({ line }) => line)).size).toBe(operations.length);
      }),
      { numRuns },
    );
  });

  test('operations grow with the batch, parameters do not', () => {
    fc.assert(
      fc.property(variants, names, fc.integer({ min: 2, max: 16 }), (variant, name, batch) => {
        const [one, many] = [count(variant, name), count(variant, name, batch)];
        expect(many.operations).toBe(one.operations === null ? null : one.operations * batch);
        expect(many.activations).toBe(one.activations === null ? null : one.activations * batch);
        expect(many.parameterLines).toEqual(one.parameterLines);
      }),
      { numRuns: 10 },
    );
  });

  test('what ecfx counts is either in a tool’s lines or on its list of what it does not count', () => {
    fc.assert(
      fc.property(variants, (variant) => {
        const { perStep, perUpdate } = countsOf(variant);
        const everything = [perStep, perUpdate].reduce(
          (sum, { macs, arithmetic, transcendental }) => sum + macs + arithmetic + transcendental,
          0,
        );
        // These two count what they do count exactly as ecfx does.
        for (const name of ['ecfx', 'torchvision'] as const) {
          const { operations, uncounted } = count(variant, name);
          const left = [...uncounted.values()].reduce((sum, amount) => sum + amount, 0);
          expect((operations ?? 0) + left).toBe(everything);
        }
      }),
      { numRuns },
    );
  });
});

describe('what each tool makes of B0, line by line', () => {
  const macs = 385_814_752;
  // Elements that batch norm, swish, the squeeze and the last pooling read, from the stage table of the paper.
  const [normed, activated, squeezed, pooled] = [6_737_696, 6_157_916, 2_306_528, 1280 * 49];

  test.each([
    ['ecfx', { 'multiply-accumulates': macs }],
    ['torchvision', { 'multiply-accumulates': macs }],
    ['fvcore', { 'multiply-accumulates': macs, 'batch norm': 2 * normed, 'global pooling': pooled }],
    ['pycls', { 'multiply-accumulates': macs, biases: 10_340 }],
    [
      'ptflops',
      {
        'multiply-accumulates': macs,
        biases: 10_340,
        'batch norm': 2 * normed,
        'activation functions': activated,
        squeeze: 2 * squeezed,
        'global pooling': 2 * pooled,
      },
    ],
    [
      'thop',
      {
        'multiply-accumulates': macs,
        'batch norm': 4 * normed,
        squeeze: squeezed + 8_960,
        'global pooling': pooled + 1280,
      },
    ],
    ['torchinfo', { 'multiply-accumulates': macs, biases: 10_340, 'batch norm': 42_016 }],
    ['keras', {}],
  ] as const)('%s', (name, expected) => {
    expect(lines(count('b0', name))).toEqual(expected);
  });

  test('ptflops counts a ReLU twice, as module and as function, ReLU6 once and sigmoid not at all', () => {
    expect(lines(count('b0:relu', 'ptflops'))['activation functions']).toBe(2 * activated);
    expect(lines(count('b0:relu6', 'ptflops'))['activation functions']).toBe(activated);
    expect(count('b0:relu', 'ptflops').uncounted.get('activation (sigmoid)')).toBeGreaterThan(0);
    expect(lines(count('b0:hard-swish', 'ptflops'))['activation functions']).toBeUndefined();
  });
});

describe('norms other than batch norm', () => {
  const elements = 6_737_696;

  test.each([
    ['fvcore', 5 * elements],
    ['ptflops', 2 * elements],
    ['torchinfo', 42_016],
  ] as const)('%s counts group norm', (name, amount) => {
    expect(lines(count('b0:gn4', name))['group norm']).toBe(amount);
    expect(lines(count('b0:ln', name))['group norm']).toBe(amount);
  });

  test('thop does not know group norm: neither its operations nor its parameters', () => {
    const { parameters, uncounted } = count('b0:gn4', 'thop');
    expect(parameters).toBe(5_288_548 - 42_016);
    expect(uncounted.get('groupNorm')).toBeGreaterThan(0);
    expect(lines(count('b0:in', 'thop'))['instance norm']).toBe(4 * elements);
    expect(count('b0:in', 'thop').parameters).toBe(5_288_548);
  });

  test('a norm without scale and offset costs less where the tool looks', () => {
    // Under proxy norm only the projections keep a scale.
    const projected = nodesOf('b0:ln+pn')
      .filter(({ node }) => node.operator.name === 'groupNorm' && node.operands['scale'])
      .reduce((sum, { node }) => sum + (node.outputs[0]?.shape ?? []).reduce((a, b) => a * b, 1), 0);
    expect(lines(count('b0:ln+pn', 'fvcore'))['group norm']).toBe(4 * elements + projected);
    expect(lines(count('b0:ln+pn', 'ptflops'))['group norm']).toBe(elements + projected);
  });

  test('nobody but ecfx’s own buckets sees the arithmetic of proxy norm', () => {
    const { arithmetic, transcendental } = countsOf('b0:ln+pn').perUpdate;
    for (const name of conventionNames.filter((each) => each !== 'keras')) {
      const { uncounted } = count('b0:ln+pn', name);
      expect(uncounted.get('binary (subtract)')).toBeGreaterThan(0);
      expect(uncounted.get('functions of parameters alone, once per update')).toBe(
        arithmetic + transcendental,
      );
    }
  });
});

describe('parameters', () => {
  test('Keras adds running statistics and the layer that normalizes images', () => {
    const byLine = Object.fromEntries(
      count('b0', 'keras').parameterLines.map(({ line, amount }) => [line, amount]),
    );
    expect(byLine['running mean and variance']).toBe(42_016);
    expect(byLine['input normalization layer']).toBe(7);
    expect(count('b0', 'keras').operations).toBeNull();
  });

  test('why torchvision and Keras differ: statistics and seven numbers', () => {
    const { parameters, operations } = explain(count('b0', 'torchvision'), count('b0', 'keras'));
    expect(operations).toBeNull();
    expect(parameters.filter(({ difference }) => difference !== 0)).toEqual([
      {
        line: 'running mean and variance',
        leftRule: null,
        rightRule: '1 per element',
        left: 0,
        right: 42_016,
        difference: 42_016,
      },
      {
        line: 'input normalization layer',
        leftRule: null,
        rightRule: 'mean 3, variance 3, count 1',
        left: 0,
        right: 7,
        difference: 7,
      },
    ]);
  });
});

test('why fvcore and thop differ: batch norm twice as dear, and a squeeze that only one sees', () => {
  const { operations } = explain(count('b0', 'fvcore'), count('b0', 'thop'));
  const differing = (operations ?? []).filter(({ difference }) => difference !== 0);
  expect(differing.map(({ line, leftRule, rightRule }) => [line, leftRule, rightRule])).toEqual([
    [
      'batch norm',
      '2 per element (1 without scale and offset)',
      '4 per element (2 without scale and offset)',
    ],
    ['global pooling', '1 per element', '1 per element read, 1 per output'],
    ['squeeze', null, '1 per element read, 1 per output'],
  ]);
});

describe('operators that EfficientNet has not', () => {
  const graph = new GraphBuilder('net');
  const images = graph.input('images', [2, 8, 9, 9]);
  const window = { kernel: [3, 3] as const, stride: 2, dilation: 1, pads: noPads };
  const pooled = graph.apply(pool2d, 'max', { input: images }, { function: 'max', window });
  graph.apply(pool2d, 'average', { input: images }, { function: 'average', window });
  const attention = graph.apply(matmul, 'attention', { left: pooled, right: pooled }, {});
  const output = graph.apply(softmax, 'softmax', { input: attention }, { axis: 3 });
  const nodes = countNodes(graph.build([output]));
  const of = (name: ConventionName) => countBy(conventions[name], nodes);
  const [read, written] = [2 * 8 * 81, 2 * 8 * 16];

  test('windowed pooling is an activation to pycls, read twice to ptflops, an average to thop', () => {
    expect(of('pycls').activations).toBe(2 * written);
    expect(lines(of('ptflops'))['pooling']).toBe(2 * (2 * read));
    expect(lines(of('thop'))['pooling']).toBe(written);
    expect(of('thop').uncounted.get('pool2d (max)')).toBe(9 * written);
  });

  test('a matrix product is no module: thop and torchinfo do not see it, and say so', () => {
    const macs = written * 4;
    for (const name of ['ecfx', 'fvcore', 'ptflops'] as const) {
      expect(lines(of(name))['multiply-accumulates']).toBe(macs);
    }
    for (const name of ['thop', 'torchinfo'] as const) expect(of(name).uncounted.get('matmul')).toBe(macs);
  });

  test('a softmax costs ptflops one an element', () => {
    expect(lines(of('ptflops'))['softmax']).toBe(written);
    expect(of('fvcore').uncounted.get('softmax')).toBe(5 * written);
  });
});

test('every convention says whose tool and whose network it is', () => {
  for (const name of conventionNames) {
    const { tool, network, operations, unit } = conventions[name];
    expect(tool).not.toBe('');
    expect(network).not.toBe('');
    expect(unit === '').toBe(typeof operations === 'string');
  }
});
