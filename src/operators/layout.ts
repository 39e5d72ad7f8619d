import { require, type Operator, type Work } from '../graph/operator.ts';
import { formatShape, sameShape, size, type Shape } from '../graph/shape.ts';
import { broadcast } from './broadcasting.ts';

const nothing: Work = { macs: 0, arithmetic: 0, transcendental: 0 };

/** The same elements in the same order under another shape: a view, which moves no bytes. */
export const reshape: Operator<'reshape', 'input', never, { readonly shape: Shape }> = {
  name: 'reshape',
  shapes({ input }, { shape }) {
    require(size(input) ===
      size(shape), `${size(input)} elements do not fill ${formatShape(shape)} (${size(shape)} elements)`);
    return [shape];
  },
  work: () => nothing,
  traffic: () => ({ read: 0, written: 0 }),
  gradient: (graph, { operands: { input } }, outputGradient) => ({
    input: () => graph.apply(reshape, { input: outputGradient }, { shape: input.shape }),
  }),
};

/** Axes in another order: result axis i is input axis `permutation[i]`. */
export const transpose: Operator<'transpose', 'input', never, { readonly permutation: readonly number[] }> = {
  name: 'transpose',
  shapes({ input }, { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    require(permutation.length === input.length &&
      sorted.every(
        (axis, index) => axis === index,
      ), `[${permutation.join(', ')}] is no permutation of ${input.length} axes`);
    return [permutation.map((axis) => input[axis] ?? 0)];
  },
  work: () => nothing,
  gradient: (graph, { attributes: { permutation } }, outputGradient) => ({
    input: () => {
      const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
      return graph.apply(transpose, { input: outputGradient }, { permutation: inverse });
    },
  }),
};

/** Operands side by side along one axis, in the order in which they are named. */
export const concat: Operator<'concat', string, never, { readonly axis: number }> = {
  name: 'concat',
  shapes(operands, { axis }) {
    const [first, ...rest] = Object.values(operands);
    require(first !== undefined, 'nothing to put together');
    require(axis >= 0 && axis < first.length, `axis ${axis} is not one of the ${first.length} axes`);
    const others = (shape: Shape) => shape.filter((_, index) => index !== axis);
    for (const shape of rest) {
      require(sameShape(others(shape), others(first)), `shapes differ in more than axis ${axis}`);
    }
    const total = [first, ...rest].reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
    return [first.map((extent, index) => (index === axis ? total : extent))];
  },
  work: () => nothing,
  gradient(graph, { operands, attributes: { axis } }, outputGradient) {
    let start = 0;
    return Object.fromEntries(
      Object.entries(operands).map(([name, { shape }]) => {
        const part = { axis, start, end: start + shape[axis]! };
        start = part.end;
        return [name, () => graph.apply(slice, { input: outputGradient }, part)];
      }),
    );
  },
};

export interface SliceAttributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** Elements `start` (included) to `end` (not included) along one axis. Only they are read. */
export const slice: Operator<'slice', 'input', never, SliceAttributes> = {
  name: 'slice',
  shapes({ input }, { axis, start, end }) {
    const extent = input[axis];
    require(extent !== undefined, `axis ${axis} is not one of the ${input.length} axes`);
    require(Number.isInteger(start) &&
      Number.isInteger(end) &&
      start >= 0 &&
      start < end &&
      end <= extent, `${start} to ${end} is not within 0 to ${extent}`);
    return [input.map((other, index) => (index === axis ? end - start : other))];
  },
  work: () => nothing,
  traffic: ({ outputs }) => ({ read: size(outputs[0] ?? []), written: size(outputs[0] ?? []) }),
  gradient: (graph, { operands: { input }, attributes: { axis, start, end } }, outputGradient) => ({
    input: () => {
      const zeros = (extent: number) => {
        const shape = input.shape.map((other, index) => (index === axis ? extent : other));
        return graph.apply(broadcast, { input: graph.scalar(0) }, { shape });
      };
      const after = input.shape[axis]! - end;
      const parts = {
        ...(start > 0 && { before: zeros(start) }),
        part: outputGradient,
        ...(after > 0 && { after: zeros(after) }),
      };
      return graph.apply(concat, parts, { axis });
    },
  }),
};
