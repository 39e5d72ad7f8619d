import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/reference/evaluate.ts';
import { initializeWeights, randomInputs } from '../../src/engines/weights.ts';
import { sgd } from '../../src/gradients/optimizers/sgd.ts';
import { buildTrainingStep } from '../../src/gradients/training-step.ts';
import { tensorsOfKind, type Graph, type Tensor } from '../../src/graph/graph.ts';
import { createRandom } from '../../src/mathematics/random.ts';
import { parseVariant } from '../../src/models/variants/variant.ts';
import { asOperator } from '../../src/operators/registry.ts';
import { slope } from './slope.ts';

/** Plain gradient descent: what it keeps as velocity after the first step is the gradient. */
const plain = sgd({ learningRate: 1, momentum: 0, weightDecay: 0 });

/** Gradients by parameter, and every tensor's values, of a step whose parameters have all left their initial value. */
function step(name: string) {
  const graph = buildTrainingStep(parseVariant(name), 3, { optimizer: plain, labelSmoothing: 0.1 });
  const given = new Map<Tensor, ArrayLike<number>>();
  for (const [tensor, weights] of initializeWeights(graph, 1)) {
    const random = createRandom(2, tensor.name);
    const scatter = tensor.kind === 'parameter' ? 0.2 : 0;
    const spread = rootMeanSquare(weights) || 1;
    given.set(
      tensor,
      Float64Array.from(weights, (value) => value + scatter * spread * random.normal()),
    );
  }
  const inputs = randomInputs(graph, 3);
  for (const tensor of tensorsOfKind(graph, 'input')) given.set(tensor, inputs.get(tensor.name)!);
  for (const tensor of tensorsOfKind(graph, 'constant')) given.set(tensor, tensor.values);
  const values = evaluate(graph, given);
  const velocities = new Map(tensorsOfKind(graph, 'slot').map((slot) => [slot.name, slot]));
  const gradients = tensorsOfKind(graph, 'parameter').map((parameter) => {
    const velocity = velocities.get(`${parameter.name}.velocity`)!;
    return { parameter, gradient: values.get(graph.updates.get(velocity)!)! };
  });
  return { graph, values, gradients };
}

function rootMeanSquare(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** Of a tensor's root mean square: far above rounding, far below where the loss bends. */
const relativeStep = 1e-5;

const operatorsOf = (graph: Graph) => new Set(graph.nodes.map(({ operator }) => operator.name));

describe('gradients of whole networks equal central differences in double precision', () => {
  const groupings = ['', 'g16,e4,'];
  const norms = ['bn', 'gn4', 'ln', 'ln+pn'];
  const variants = groupings.flatMap((grouping) =>
    norms.map((norm) => `efficientnet-b0@12:${grouping}${norm},w0.05,d0.05`),
  );

  it.each([
    ...variants,
    'efficientnet-b0@12:symmetric,in+pn,hard-swish,w0.05,d0.05',
    'resnetv2-50@24:evonorm-s0,w0.05,d0.1',
    'nf-regnet-b0@24:w0.1,d0.1',
    'convnext-t@32:w0.05,d0.1',
  ])(
    '%s',
    (name) => {
      const { graph, values, gradients } = step(name);
      const [loss] = graph.outputs;
      for (const { parameter, gradient } of gradients) {
        // A random direction meets every element of the tensor.
        const random = createRandom(5, parameter.name);
        const direction = gradient.map(() => random.normal());
        const expected = gradient.reduce((sum, value, index) => sum + value * direction[index]!, 0);
        const size = rootMeanSquare(values.get(parameter)!);
        const actual = slope(graph, loss!, values, { parameter, direction, step: relativeStep * size });
        // An offset that the next batch norm takes away again has no gradient: there, only rounding is left.
        const magnitude = Math.max(rootMeanSquare(gradient) * Math.sqrt(gradient.length), 2e-4 / size);
        expect(Math.abs(actual - expected) / magnitude, parameter.name).toBeLessThan(1e-5);
      }
    },
    60_000,
  );

  it('with residual sums, stochastic depth, squeeze-and-excite and group convolutions among them', () => {
    const { graph } = step(variants.at(-1)!);
    const names = graph.nodes.map((node) => node.name);
    expect(names.filter((name) => name.endsWith('.add')).length).toBeGreaterThan(1);
    expect(names.filter((name) => name.endsWith('.dropPath')).length).toBeGreaterThan(0);
    expect(names.filter((name) => name.endsWith('.se.excite')).length).toBeGreaterThan(1);
    const convolutions = graph.nodes.flatMap((node) => asOperator(node, 'conv2d') ?? []);
    expect(convolutions.some(({ attributes }) => attributes.groups === 2)).toBe(true);
    expect(operatorsOf(graph)).toContain('groupNormGradient');
  });
});
