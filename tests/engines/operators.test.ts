import { describe, expect, it } from 'vitest';
import { operators } from '../../src/operators/registry.ts';
import { operatorCases } from './operator-cases.ts';
import {
  constantsOf,
  normalInputs,
  relativeError,
  runPlainLowerings,
  runReference,
  smallGraph,
} from './support.ts';

describe('plain lowerings on onnxruntime agree with the operators’ definitions in double precision', () => {
  it.each(operatorCases)('$name', async ({ shapes, positive, body }) => {
    const graph = smallGraph(shapes, body);
    const inputs = normalInputs(graph, 7, positive);
    const constants = constantsOf(graph);
    const actual = await runPlainLowerings(graph, constants, inputs);
    for (const [index, expected] of runReference(graph, constants, inputs).entries())
      expect(relativeError(actual[index]!, expected), `output ${index}`).toBeLessThan(2e-6);
  });

  it('covers every operator', () => {
    const tested = new Set(
      operatorCases.flatMap(({ shapes, body }) =>
        smallGraph(shapes, body).nodes.map((node) => node.operator.name),
      ),
    );
    expect([...tested].sort()).toEqual(Object.keys(operators).sort());
  });
});
