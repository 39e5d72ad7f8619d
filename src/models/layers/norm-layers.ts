import type { Tensor } from '../../graph/graph.ts';
import type { ActivationName } from '../../operators/activation.ts';
import { batchNorm, batchNormTraining, groupNorm, groupNormTraining } from '../../operators/normalization.ts';
import type { Norm } from '../knobs.ts';
import { buildActivation } from './elementary-layers.ts';
import { buildAffine, buildEvoNorm, type EvoNormKind } from './evonorm.ts';
import { channelsOf, type LayerContext } from './layer-context.ts';
import { buildProxyNorm, proxyNorm } from './proxy-norm.ts';
import { activatedMoments } from './signal-scale.ts';

/** An activated tensor whose proxy scale (1/std) is still to be multiplied in; without proxy norm there is none. */
export interface Activated {
  readonly tensor: Tensor;
  readonly scale?: Tensor;
}

const zero = { kind: 'constant', value: 0 } as const;
const one = { kind: 'constant', value: 1 } as const;

/** Epsilon of every norm in the study's code (graphcore/examples @ 4dae8bae) and in TensorFlow's EfficientNet. */
const normEpsilon = 1e-3;

/** Part of the running statistics of batch norm that a training step keeps (the study's code). */
const runningDecay = 0.97;

/** Norm and activation; with proxy norm, its scale is left to whoever consumes the result. */
export function buildNormActivated(context: LayerContext, x: Tensor, act: ActivationName): Activated {
  const { norm } = context.knobs;
  if (norm.kind === 'evonorm-b0' || norm.kind === 'evonorm-s0')
    return { tensor: buildEvoNormed(context, 'norm', x, norm.kind) };
  if (!norm.proxy) {
    const affine = buildNorm(context, 'norm', x, ['scale', 'offset']);
    return { tensor: buildActivation(context, 'act', affine, act) };
  }
  const normalized = buildNorm(context, 'norm', x, []);
  const { centred, scale } = buildProxyNorm(context.graph, normalized, act);
  const { mean, variance } = activatedMoments(act, 1);
  context.signal.note(centred, activatedMoments(act, context.signal.of(normalized), mean).meanSquare);
  context.signal.note(scale, 1 / (variance + proxyNorm.epsilon));
  return { tensor: centred, scale };
}

/** The variant's norm, as node `name`, learning the operands in `affine`. */
export function buildNorm(
  context: LayerContext,
  name: string,
  input: Tensor,
  affine: readonly ('scale' | 'offset')[],
): Tensor {
  const { norm } = context.knobs;
  if (norm.kind === 'none') return input;
  if (norm.kind === 'evonorm-b0' || norm.kind === 'evonorm-s0') {
    const output = context.graph.layer(name, () => buildAffine(context.graph, input));
    return context.signal.note(output, context.signal.of(input));
  }
  const channels = channelsOf(input);
  const vector = [channels];
  const start = { scale: one, offset: zero };
  const learned = Object.fromEntries(
    affine.map((operand) => [operand, context.graph.parameter(`${name}.${operand}`, vector, start[operand])]),
  );
  if (norm.kind === 'batch') {
    const mean = context.graph.buffer(`${name}.mean`, vector, zero);
    const variance = context.graph.buffer(`${name}.variance`, vector, one);
    if (context.mode === 'inference') {
      const operands = { input, ...learned, mean, variance };
      const output = context.graph.apply(batchNorm, name, operands, { epsilon: normEpsilon });
      return context.signal.note(output, context.signal.of(input));
    }
    const operands = { input, ...learned, runningMean: mean, runningVariance: variance };
    const attributes = { epsilon: normEpsilon, decay: runningDecay };
    const [output, , , nextMean, nextVariance] = context.graph.applyAll(
      batchNormTraining,
      name,
      operands,
      attributes,
    );
    context.graph.update(mean, nextMean!);
    context.graph.update(variance, nextVariance!);
    return output!;
  }
  // At most one group per channel, as in the study's code.
  const groups = Math.min(normGroups(norm, channels), channels);
  const operator = context.mode === 'inference' ? groupNorm : groupNormTraining;
  return context.graph.apply(operator, name, { input, ...learned }, { groups, epsilon: normEpsilon });
}

/** Norm and activation in one. */
function buildEvoNormed(context: LayerContext, name: string, input: Tensor, kind: EvoNormKind): Tensor {
  const training = context.mode === 'training';
  const output = context.graph.layer(name, () => buildEvoNorm(context.graph, kind, input, { training }));
  const power = context.signal.of(input);
  if (kind === 'evonorm-s0')
    return context.signal.note(output, activatedMoments('swish', power).meanSquare / power);
  // B0 of a normal variable has a mean square of 0.6; the running variance starts at 1 and changes nothing.
  return context.signal.note(output, training ? 0.6 : power);
}

function normGroups(norm: Norm, channels: number): number {
  switch (norm.kind) {
    case 'group':
      return norm.groups ?? 1;
    case 'instance':
      return channels;
    default:
      return 1;
  }
}
