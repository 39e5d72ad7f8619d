import type { Tensor } from '../../../graph/graph.ts';
import type { OperatorTable } from '../../../operators/registry.ts';
import { type Emitter } from '../emitter.ts';
import { mix } from './average.ts';

/** One step of each optimizer. */
export const optimizers = {
  sgdUpdate(node, emit) {
    const { parameter, gradient, velocity, learningRate } = node.operands;
    const { momentum, weightDecay } = node.attributes;
    const [next, nextVelocity] = node.outputs;
    const kept = emit.intermediate('kept', 'Mul', [velocity.name, emit.floats('momentum', [], momentum)]);
    const decayed = withWeightDecay(emit, gradient, parameter, weightDecay);
    emit.result(nextVelocity!, 'Add', [kept, decayed]);
    const move = emit.intermediate('move', 'Mul', [nextVelocity!.name, learningRate.name]);
    emit.result(next!, 'Sub', [parameter.name, move]);
  },

  rmspropUpdate(node, emit) {
    const { parameter, gradient, meanSquare, velocity, learningRate } = node.operands;
    const { momentum, weightDecay, decay, epsilon } = node.attributes;
    const [next, nextSquare, nextVelocity] = node.outputs;
    const g = withWeightDecay(emit, gradient, parameter, weightDecay);
    const square = emit.intermediate('square', 'Mul', [g, g]);
    const mixed = mix(emit, meanSquare.name, square, decay);
    emit.result(nextSquare!, 'Add', mixed);
    const regular = emit.intermediate('regular', 'Add', [
      nextSquare!.name,
      emit.floats('epsilon', [], epsilon),
    ]);
    const root = emit.intermediate('root', 'Sqrt', [regular]);
    const scaled = emit.intermediate('scaled', 'Div', [g, root]);
    const move = emit.intermediate('move', 'Mul', [scaled, learningRate.name]);
    const carried = emit.intermediate('carried', 'Mul', [
      velocity.name,
      emit.floats('momentum', [], momentum),
    ]);
    emit.result(nextVelocity!, 'Add', [carried, move]);
    emit.result(next!, 'Sub', [parameter.name, nextVelocity!.name]);
  },

  adamUpdate(node, emit) {
    const { parameter, gradient, mean, meanSquare, stepSize, learningRate } = node.operands;
    const { beta1, beta2, epsilon, weightDecay } = node.attributes;
    const [next, nextMean, nextSquare] = node.outputs;
    emit.result(nextMean!, 'Add', mix(emit, mean.name, gradient.name, beta1, 'mean'));
    const square = emit.intermediate('square', 'Mul', [gradient.name, gradient.name]);
    emit.result(nextSquare!, 'Add', mix(emit, meanSquare.name, square, beta2, 'meanSquare'));
    const root = emit.intermediate('root', 'Sqrt', [nextSquare!.name]);
    const regular = emit.intermediate('regular', 'Add', [root, emit.floats('epsilon', [], epsilon)]);
    const ratio = emit.intermediate('ratio', 'Div', [nextMean!.name, regular]);
    const move = emit.intermediate('move', 'Mul', [ratio, stepSize.name]);
    if (weightDecay === 0) {
      emit.result(next!, 'Sub', [parameter.name, move]);
      return;
    }
    const moved = emit.intermediate('moved', 'Sub', [parameter.name, move]);
    const rate = emit.intermediate('decayRate', 'Mul', [
      learningRate.name,
      emit.floats('decay', [], weightDecay),
    ]);
    const shrink = emit.intermediate('shrink', 'Mul', [parameter.name, rate]);
    emit.result(next!, 'Sub', [moved, shrink]);
  },
} satisfies Partial<OperatorTable<Emitter, void>>;

function withWeightDecay(emit: Emitter, gradient: Tensor, parameter: Tensor, weightDecay: number): string {
  if (weightDecay === 0) return gradient.name;
  const pull = emit.intermediate('pull', 'Mul', [
    parameter.name,
    emit.floats('weightDecay', [], weightDecay),
  ]);
  return emit.intermediate('decayed', 'Add', [gradient.name, pull]);
}
