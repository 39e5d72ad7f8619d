import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arithmeticIntensity,
  countNetwork,
  countNodes,
  flops,
  groupCounts,
  groupings,
  noCounts,
  sumCounts,
  type Counts,
  type Grouping,
} from '../../src/analysis/count.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { dense } from '../../src/operators/matrix-product.ts';
import { countsOf, nodesOf } from '../support/count-variant.ts';

const knobs = fc
  .record({
    size: fc.constantFrom('b0', 'b1', 'b2'),
    resolution: fc.integer({ min: 1, max: 96 }),
    groups: fc.constantFrom('g1', 'g8', 'g16,e4', 'g4096'),
    norm: fc.constantFrom('bn', 'gn4', 'ln', 'in', 'none', 'ln+pn', 'gn8+pn'),
  })
  .map(({ size, resolution, groups, norm }) => ({ size, resolution, modifiers: `${groups},${norm}` }));

/** Few enough runs that counting a network each time stays quick. */
const numRuns = 25;

describe('laws of counting', () => {
  test('twice the batch is twice the work, and the same parameters', () => {
    fc.assert(
      fc.property(knobs, fc.integer({ min: 2, max: 64 }), ({ size, resolution, modifiers }, batch) => {
        const variant = `${size}@${resolution}:${modifiers}`;
        const one = countsOf(variant);
        const many = countsOf(variant, batch);
        for (const field of [
          'macs',
          'arithmetic',
          'transcendental',
          'activations',
          'bytesWritten',
        ] as const) {
          expect([field, many.perStep[field]]).toEqual([field, batch * one.perStep[field]]);
        }
        for (const field of ['parameters', 'buffers'] as const) {
          expect(many.perStep[field]).toBe(one.perStep[field]);
        }
        expect(many.perUpdate).toEqual(one.perUpdate);
        // Parameters are read once, whatever the batch.
        expect(many.perStep.bytesRead).toBeLessThanOrEqual(batch * one.perStep.bytesRead);
      }),
      { numRuns },
    );
  });

  test('the parts of every grouping add up to the whole', () => {
    fc.assert(
      fc.property(
        knobs,
        fc.constantFrom(...(Object.keys(groupings) as Grouping[])),
        ({ size, resolution, modifiers }, grouping) => {
          const nodes = nodesOf(`${size}@${resolution}:${modifiers}`);
          const parts = [...groupCounts(nodes, grouping).values()];
          const whole = countNetwork(nodes);
          expect(sumCounts(parts.map(({ perStep }) => perStep))).toEqual(whole.perStep);
          expect(sumCounts(parts.map(({ perUpdate }) => perUpdate))).toEqual(whole.perUpdate);
        },
      ),
      { numRuns },
    );
  });

  test('parameters do not depend on the resolution', () => {
    fc.assert(
      fc.property(knobs, ({ size, resolution, modifiers }) => {
        const { parameters, buffers } = countsOf(`${size}@${resolution}:${modifiers}`).perStep;
        const native = countsOf(`${size}:${modifiers}`).perStep;
        expect([parameters, buffers]).toEqual([native.parameters, native.buffers]);
      }),
      { numRuns },
    );
  });

  test('wider, deeper, more pixels, larger groups: never cheaper', () => {
    const step = fc.constantFrom('w', 'd', '@', 'g');
    const pair = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(step, pair, (what, [a, b]) => {
        const [small, large] = a < b ? [a, b] : [b, a];
        const variant = (value: number) => {
          if (what === '@') return `b0@${8 * value}`;
          // Powers of two divide every width of B0.
          if (what === 'g') return `b0@32:g${2 ** Math.min(value, 4)}`;
          return `b0@32:${what}${value / 10}`;
        };
        const [cheap, dear] = [countsOf(variant(small)).perStep, countsOf(variant(large)).perStep];
        expect(cheap.macs).toBeLessThanOrEqual(dear.macs);
        expect(cheap.parameters).toBeLessThanOrEqual(dear.parameters);
        expect(cheap.activations).toBeLessThanOrEqual(dear.activations);
      }),
      { numRuns },
    );
  });
});

describe('groupings', () => {
  test('by stage, block and layer follow the network from the images to the logits', () => {
    const nodes = nodesOf('b0');
    const keys = (grouping: Grouping) => [...groupCounts(nodes, grouping).keys()];
    expect(keys('network')).toEqual(['network']);
    expect(keys('stage')).toEqual(['stem', ...[1, 2, 3, 4, 5, 6, 7].map((n) => `stages.${n}`), 'head']);
    expect(keys('block').slice(0, 4)).toEqual(['stem', 'stages.1.1', 'stages.2.1', 'stages.2.2']);
    expect(keys('layer').slice(0, 4)).toEqual([
      'stem.entry',
      'stages.1.1.spatial',
      'stages.1.1.se',
      'stages.1.1.project',
    ]);
  });

  test('by operator tells convolutions apart', () => {
    const macs = (operator: string) => groupCounts(nodesOf('b0'), 'operator').get(operator)?.perStep.macs;
    expect(macs('conv2d (dense)')).toBe(112 * 112 * 32 * 27);
    // The depthwise, squeeze-and-excite and dense parts that others published for B0: 34.53 M, 0.63 M, 1.28 M.
    expect(((macs('conv2d (depthwise)') ?? 0) / 1e6).toFixed(2)).toBe('34.53');
    expect(macs('dense')).toBe(1_280_000);
    expect(groupCounts(nodesOf('b0:g16,e4'), 'operator').get('conv2d (depthwise)')).toBeUndefined();
    const grouped = groupCounts(nodesOf('b0:g16,e4'), 'operator').get('conv2d (grouped)')?.perStep.macs ?? 0;
    expect((grouped / 1e6).toFixed(2)).toBe('387.61');
  });

  test('squeeze-and-excite of B0 is 0.63 M multiply-accumulates', () => {
    const layers = [...groupCounts(nodesOf('b0'), 'layer')].filter(([layer]) => layer.endsWith('.se'));
    const macs = sumCounts(layers.map(([, { perStep }]) => perStep)).macs;
    expect((macs / 1e6).toFixed(2)).toBe('0.63');
  });
});

test('a parameter that two nodes use is counted once, at the first', () => {
  const graph = new GraphBuilder('net');
  const weight = graph.parameter('weight', [4, 4], { kind: 'constant', value: 0 });
  const first = graph.apply(dense, 'first', { input: graph.input('x', [1, 4]), weight }, {});
  const second = graph.apply(dense, 'second', { input: first, weight }, {});
  const nodes = countNodes(graph.build([second]));
  expect(nodes.map(({ parameters }) => parameters)).toEqual([16, 0]);
  expect(nodes.map(({ bytesRead }) => bytesRead)).toEqual([4 * 20, 4 * 20]);
  expect(countNetwork(nodes).perStep.macs).toBe(32);
});

test('FLOPs are twice the multiply-accumulates and nothing else', () => {
  const counts: Counts = { ...noCounts, macs: 10, arithmetic: 5, transcendental: 1 };
  expect(flops(counts)).toBe(20);
});

test('arithmetic intensity is all operations per byte, and nothing where nothing moves', () => {
  const counts: Counts = {
    ...noCounts,
    macs: 10,
    arithmetic: 5,
    transcendental: 1,
    bytesRead: 9,
    bytesWritten: 4,
  };
  expect(arithmeticIntensity(counts)).toBe(2);
  expect(arithmeticIntensity(noCounts)).toBeNull();
});
