import { describe, expect, test } from 'vitest';
import type { Node } from '../../../src/graph/graph.ts';
import { buildGraph, parseVariant } from '../../../src/models/variants/variant.ts';
import { normalQuantiles } from '../../../src/mathematics/normal-distribution.ts';
import { asOperator } from '../../../src/operators/registry.ts';
import { countsOf, nodesOf } from '../../support/count-variant.ts';

const nodes = nodesOf('b0:g16,e4,ln+pn').map(({ node }) => node);
const named = (name: string): Node => {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
};

describe('where proxy norm sits', () => {
  // norm and activation sites, norms of projections
  test.each([
    ['b0', 33, 16],
    ['b1', 46, 23],
    ['b2', 46, 23],
    ['b3', 52, 26],
    ['b4', 64, 32],
    ['b5', 77, 39],
  ])('%s has it at every norm with an activation and at no projection', (size, sites, projections) => {
    const graph = buildGraph(parseVariant(`${size}:g16,e4,ln+pn`), 1);
    const norms = graph.nodes.flatMap((node) => asOperator(node, 'groupNorm') ?? []);
    const plain = norms.filter(({ operands }) => !operands.scale && !operands.offset);
    const projection = norms.filter(({ scope }) => scope.layer.endsWith('.project'));
    expect(plain).toHaveLength(sites);
    expect(projection).toHaveLength(projections);
    expect(norms).toHaveLength(sites + projections);
    const gains = graph.tensors.filter(({ name }) => name.endsWith('.proxyGamma'));
    expect(gains).toHaveLength(sites);
    for (const { operands } of projection) {
      expect(operands.scale).toBeDefined();
      expect(operands.offset).toBeUndefined();
    }
  });

  test('four vectors a site for two, and a vector less at each projection', () => {
    const graph = buildGraph(parseVariant('b0:g16,e4,ln+pn'), 1);
    const channels = (ending: string) =>
      graph.tensors
        .filter(({ name }) => name.endsWith(ending))
        .reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const sites = channels('.proxyBeta');
    const projections = channels('.project.norm.scale');
    // Mean and scale of each site's channels: the 26,496 numbers that the study's code caches at B0.
    expect(2 * sites).toBe(26_496);
    const learned = countsOf('b0:g16,e4,ln+pn').perStep.parameters;
    expect(learned).toBe(5_913_796 + 2 * sites - projections);
  });
});

describe('how it is wired', () => {
  test('norm, affine step, activation, centring, scale', () => {
    const chain = ['norm', 'stretch', 'shift', 'act', 'centre', 'rescale'];
    const layer = 'stages.2.1.expand';
    for (const [index, name] of chain.entries()) {
      const node = named(`${layer}.${name}`);
      const before = index === 0 ? 'conv' : (chain[index - 1] ?? '');
      expect(Object.values(node.operands)).toContain(named(`${layer}.${before}`).outputs[0]);
    }
    expect(asOperator(named(`${layer}.centre`), 'binary')?.attributes.function).toBe('subtract');
  });

  test('squeeze-and-excite sees the activation without its scale, which is multiplied into the gate', () => {
    const centred = named('stages.2.1.spatial.centre').outputs[0];
    expect(named('stages.2.1.se.squeeze').operands['input']).toBe(centred);
    expect(named('stages.2.1.se.rescale').operands).toEqual({
      left: named('stages.2.1.se.gate').outputs[0],
      right: named('stages.2.1.spatial.proxy.scale').outputs[0],
    });
    expect(named('stages.2.1.se.excite').operands).toEqual({
      left: centred,
      right: named('stages.2.1.se.rescale').outputs[0],
    });
    expect(nodes.some(({ name }) => name === 'stages.2.1.spatial.rescale')).toBe(false);
  });

  test('the swish inside squeeze-and-excite stays plain', () => {
    const act = named('stages.2.1.se.act');
    expect(act.operands['input']).toBe(named('stages.2.1.se.reduce').outputs[0]);
    expect(named('stages.2.1.se.expand').operands['input']).toBe(act.outputs[0]);
  });

  test('the head leaves the scale to the dense layer', () => {
    expect(named('head.pool.mean').operands['input']).toBe(named('head.expand.centre').outputs[0]);
    expect(nodes.some(({ name }) => name === 'head.expand.rescale')).toBe(false);
  });
});

describe('its statistics', () => {
  test('depend on parameters alone and are counted once per update, not per image', () => {
    const counted = nodesOf('b0:g16,e4,ln+pn');
    const statistics = counted.filter(({ node }) => node.name.includes('.proxy.'));
    expect(statistics.length).toBeGreaterThan(0);
    expect(statistics.every(({ perUpdate }) => perUpdate)).toBe(true);
    const others = counted.filter(({ perUpdate, node }) => perUpdate && !node.name.includes('.proxy.'));
    expect(new Set(others.map(({ node }) => node.operator.name))).toEqual(new Set(['reshape']));
    const { perUpdate } = countsOf('b0:g16,e4,ln+pn', 3);
    expect(perUpdate).toEqual(countsOf('b0:g16,e4,ln+pn').perUpdate);
    expect(perUpdate.macs).toBe(0);
    // A swish of 200 quantiles for each of 13,248 channels, and a square root each.
    expect(perUpdate.transcendental).toBe(13_248 * (200 + 1));
  });

  test('are of 200 quantiles of the normal distribution, with 0.03 under the root', () => {
    const { tensors } = buildGraph(parseVariant('b0:ln+pn'), 1);
    const constants = new Map(tensors.flatMap((t) => (t.kind === 'constant' ? [[t.name, t.values]] : [])));
    expect(constants.get('stem.entry.proxy.quantiles')).toEqual(normalQuantiles(200));
    expect([...(constants.get('stem.entry.proxy.epsilon') ?? [])]).toEqual([0.03]);
  });

  test('start as those of φ of a standard normal', () => {
    const { tensors } = buildGraph(parseVariant('b0:ln+pn'), 1);
    const start = (name: string) => {
      const tensor = tensors.find((each) => each.name === `stem.entry.${name}`);
      return tensor?.kind === 'parameter' ? tensor.initializer : undefined;
    };
    expect(start('gamma')).toEqual({ kind: 'constant', value: 1 });
    for (const name of ['beta', 'proxyBeta', 'proxyGamma']) {
      expect(start(name)).toEqual({ kind: 'constant', value: 0 });
    }
  });
});
