import { describe, expect, it } from 'vitest';
import type { DeviceName, EngineName } from '../../src/engines/engine.ts';
import { deviceOf } from '../../src/engines/registry.ts';
import { operatorCases, type OperatorCase } from './operator-cases.ts';
import { constantsOf, normalInputs, relativeError, runOn, runReference, smallGraph } from './support.ts';

/** The tests of operators on a device, against their definitions in double precision. */
export function describeOperatorsOn(
  engine: EngineName,
  device: DeviceName,
  tolerance: number,
  cases: readonly OperatorCase[] = operatorCases,
): void {
  describe(`${engine} on ${device} agrees with the operators’ definitions`, () => {
    it.each(cases)('$name', async ({ shapes, positive, body }) => {
      const graph = smallGraph(shapes, body);
      const inputs = normalInputs(graph, 7, positive);
      const constants = constantsOf(graph);
      const actual = await runOn(deviceOf(engine, device), graph, constants, inputs);
      for (const [index, expected] of runReference(graph, constants, inputs).entries())
        expect(relativeError(actual[index]!, expected), `output ${index}`).toBeLessThan(tolerance);
    });
  });
}
