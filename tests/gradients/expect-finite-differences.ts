import { expect } from 'vitest';
import { size } from '../../src/graph/shape.ts';
import { relativeError } from '../engines/support.ts';
import { slope, unitDirection } from './slope.ts';
import type { Differentiated } from './weighted-sum.ts';

/** Expects each element of each gradient to equal the central difference, in relation to the tensor's largest. */
export function expectFiniteDifferences({ graph, scalar, gradients, values }: Differentiated): void {
  expect(gradients.size).toBeGreaterThan(0);
  for (const [parameter, gradient] of gradients) {
    expect(gradient.shape, parameter.name).toEqual(parameter.shape);
    const length = size(parameter.shape);
    const numerical = Float64Array.from({ length }, (_, element) => {
      const direction = unitDirection(length, element);
      return slope(graph, scalar, values, { parameter, direction, step: 1e-4 });
    });
    expect(relativeError(values.get(gradient)!, numerical), parameter.name).toBeLessThan(1e-7);
  }
}
