import type { GraphBuilder } from '../graph/builder.ts';
import { operandsOf, type Node, type Pass, type Scope, type Tensor } from '../graph/graph.ts';
import type { Applier, Gradients, Operands, Operator } from '../graph/operator.ts';
import { sameShape, size } from '../graph/shape.ts';
import { broadcast } from '../operators/broadcasting.ts';
import { binary } from '../operators/elementwise.ts';

/**
 * Reverse-mode differentiation: appends to `graph` the nodes that compute the gradient of a scalar with respect to each
 * of `parameters`, and nothing that no parameter needs. Returns the gradients by parameter.
 *
 * A node's gradients are built in its own scope; the pass says whether they serve the data's path or a parameter.
 * Throws when an operator or an output on the way has no gradient, or a parameter has no influence on the scalar.
 */
export function backpropagate(
  graph: GraphBuilder,
  scalar: Tensor,
  parameters: readonly Tensor[],
): Map<Tensor, Tensor> {
  const forward = [...graph.nodes];
  const learning = dependents(forward, parameters);
  const parameterSide = parameterOnly(forward);
  const pending = new Map<Tensor, Tensor[]>();
  const seed = graph.constant('lossGradient', scalar.shape, Float64Array.of(1));
  pending.set(scalar, [seed]);

  const total = (tensor: Tensor, node: Node | undefined): Tensor | undefined => {
    const contributions = pending.get(tensor);
    if (!contributions) return undefined;
    pending.delete(tensor);
    const pass: Pass = parameterSide.has(tensor) ? 'weightGradient' : 'dataGradient';
    const scope = node?.scope ?? homeOf(tensor, forward);
    const applier = new GradientApplier(graph, `${tensor.name}/sum`, scope);
    return graph.within(scope, pass, () => sumContributions(applier, tensor, contributions));
  };

  for (const node of forward.toReversed()) {
    const [output, ...others] = node.outputs;
    if (!output || !learning.has(output)) continue;
    const read = others.find((other) => pending.has(other));
    if (read) throw new Error(`${node.name}: no gradient flows through its further output ${read.name}`);
    const outputGradient = total(output, node);
    if (!outputGradient) continue;
    const names = Object.keys(node.operands).filter((name) => {
      const operand = node.operands[name];
      return operand !== undefined && learning.has(operand);
    });
    // The data's gradient is needed first, further down; parameters can wait.
    names.sort(
      (a, b) => Number(parameterSide.has(node.operands[a]!)) - Number(parameterSide.has(node.operands[b]!)),
    );
    let rules: Gradients<string, Tensor> | undefined;
    for (const name of names) {
      const operand = node.operands[name]!;
      const pass: Pass = parameterSide.has(operand) ? 'weightGradient' : 'dataGradient';
      const gradient = graph.within(node.scope, pass, () => {
        rules ??= gradientRules(graph, node, outputGradient);
        return rules[name]?.();
      });
      if (!gradient) continue;
      pending.set(operand, [...(pending.get(operand) ?? []), gradient]);
    }
  }

  return new Map(
    parameters.map((parameter) => {
      const gradient = total(parameter, undefined);
      if (!gradient) throw new Error(`${parameter.name} has no influence on ${scalar.name}`);
      return [parameter, gradient];
    }),
  );
}

const noScope: Scope = { stage: '', block: '', layer: '' };

/** The scope that a tensor which no node computes was made in, as far as a reader in the same layer tells. */
function homeOf({ name }: Tensor, nodes: readonly Node[]): Scope {
  const reader = nodes.find(
    (node) =>
      name.startsWith(`${node.scope.layer}.`) && operandsOf(node).some((operand) => operand.name === name),
  );
  return reader?.scope ?? noScope;
}

/** Everything that the values of `sources` reach. */
function dependents(nodes: readonly Node[], sources: readonly Tensor[]): ReadonlySet<Tensor> {
  const reached = new Set(sources);
  for (const node of nodes) {
    if (operandsOf(node).some((operand) => reached.has(operand)))
      for (const output of node.outputs) reached.add(output);
  }
  return reached;
}

/** What no input reaches: parameters, and what is computed from them alone. */
function parameterOnly(nodes: readonly Node[]): { has(tensor: Tensor): boolean } {
  const data = new Set<Tensor>();
  for (const node of nodes) {
    const fromData = operandsOf(node).some((operand) => operand.kind === 'input' || data.has(operand));
    if (fromData) for (const output of node.outputs) data.add(output);
  }
  return { has: (tensor) => tensor.kind !== 'input' && !data.has(tensor) };
}

function gradientRules(graph: GraphBuilder, node: Node, outputGradient: Tensor): Gradients<string, Tensor> {
  const { operator } = node;
  if (!operator.gradient) throw new Error(`${node.name}: ${operator.name} has no gradient`);
  // An operator is asked only about its own node's operands and attributes.
  return operator.gradient(
    new GradientApplier(graph, node.name, node.scope),
    { operands: node.operands as never, outputs: node.outputs, attributes: node.attributes as never },
    outputGradient,
  );
}

/**
 * The sum of what several consumers contributed to a tensor's gradient, in the tensor's shape. Contributions that are
 * the same along some axes come with extent 1 there; adding them broadcasts, so only a lone one is spread out.
 */
function sumContributions(graph: Applier<Tensor>, tensor: Tensor, contributions: readonly Tensor[]): Tensor {
  const [largest, ...rest] = contributions.toSorted((a, b) => size(b.shape) - size(a.shape));
  const sum = rest.reduce(
    (left, right) => graph.apply(binary, { left, right }, { function: 'add' }),
    largest!,
  );
  return sameShape(sum.shape, tensor.shape)
    ? sum
    : graph.apply(broadcast, { input: sum }, { shape: tensor.shape });
}

/** Applies operators under names that follow the forward node's own: `stages.1.1.expand.conv/1`. */
class GradientApplier implements Applier<Tensor> {
  readonly #graph: GraphBuilder;
  readonly #prefix: string;
  #count = 0;

  constructor(graph: GraphBuilder, name: string, scope: Scope) {
    this.#graph = graph;
    this.#prefix = scope.layer === '' ? name : name.slice(scope.layer.length + 1);
  }

  apply<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    operands: Operands<R, O, Tensor>,
    attributes: A,
  ): Tensor {
    return this.#graph.apply(operator, this.#name(), operands, attributes);
  }

  applyAll<R extends string, O extends string, A extends object>(
    operator: Operator<string, R, O, A>,
    operands: Operands<R, O, Tensor>,
    attributes: A,
  ): readonly Tensor[] {
    return this.#graph.applyAll(operator, this.#name(), operands, attributes);
  }

  scalar(value: number): Tensor {
    return this.#graph.constant(this.#name(), [1], Float64Array.of(value));
  }

  #name(): string {
    this.#count += 1;
    return `${this.#prefix}/${this.#count}`;
  }
}
