import type { NodeOf } from '../../../operators/registry.ts';
import type { Tensor } from '../../../graph/graph.ts';
import { Chain } from '../chain.ts';
import type { Emitter } from '../emitter.ts';
import { affine, inverseDeviation, positionsOf, scaledBy, varianceOf } from './affine.ts';
import { dotOverPositions, sumOverPositions } from './sums.ts';

/**
 * Three passes: Σx, Σx² and one that writes a·x + b. The variance as mean of squares less square of the mean loses
 * digits as (mean / deviation)², few for what convolutions give.
 */
export function lowerBatchNormTraining(node: NodeOf<'batchNormTraining'>, emit: Emitter): void {
  const { input, scale, offset, runningMean, runningVariance } = node.operands;
  const { epsilon, decay } = node.attributes;
  const [output, mean, inverse, nextMean, nextVariance] = node.outputs as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const count = input.shape[0]! * positionsOf(input.shape);
  const chain = new Chain(emit);
  const sums = chain.sum(sumOverPositions(chain, input.name), [0]);
  const squares = chain.sum(dotOverPositions(chain, input.name, input.name, input.shape), [0]);
  const average = scaledBy(chain, sums, 1 / count);
  const variance = varianceOf(chain, scaledBy(chain, squares, 1 / count), average);
  const deviation = inverseDeviation(chain, variance, epsilon);
  chain.reshapeTo(mean, average);
  chain.reshapeTo(inverse, deviation);
  const factor = scale ? chain.step('Mul', [deviation, scale.name]) : deviation;
  const centre = chain.step('Mul', [average, factor]);
  const shift = offset ? chain.step('Sub', [offset.name, centre]) : chain.step('Neg', [centre]);
  chain.reshapeTo(output, affine(chain, input.name, input.shape, 'channel', factor, shift));
  const move = (next: Tensor, running: Tensor, now: string) =>
    chain.result(next, 'Add', [scaledBy(chain, running.name, decay), scaledBy(chain, now, 1 - decay)]);
  move(nextMean, runningMean, average);
  move(nextVariance, runningVariance, scaledBy(chain, variance, count / (count - 1)));
}

/**
 * dx = a·dy + c·x + d with one a, c and d per channel, from Σdy and Σdy·x. With r the inverse deviation and M the
 * number of values: dγ = r(Σdy·x − mean·Σdy), a = γr, c = −a·r·dγ/M, d = −a·Σdy/M − c·mean.
 */
export function lowerBatchNormGradient(node: NodeOf<'batchNormGradient'>, emit: Emitter): void {
  const { outputGradient, input, scale, mean, inverseDeviation: inverse } = node.operands;
  const [inputGradient, scaleGradient, offsetGradient] = node.outputs as [Tensor, Tensor, Tensor];
  const count = input.shape[0]! * positionsOf(input.shape);
  const chain = new Chain(emit);
  const sums = chain.sum(sumOverPositions(chain, outputGradient.name), [0]);
  const dots = chain.sum(dotOverPositions(chain, outputGradient.name, input.name, input.shape), [0]);
  chain.reshapeTo(offsetGradient, sums);
  const centred = chain.step('Sub', [dots, chain.step('Mul', [mean.name, sums])]);
  chain.result(scaleGradient, 'Mul', [centred, inverse.name]);
  const a = scale ? chain.step('Mul', [inverse.name, scale.name]) : inverse.name;
  const slope = chain.step('Mul', [chain.step('Mul', [a, inverse.name]), scaleGradient.name]);
  const c = scaledBy(chain, slope, -1 / count);
  const level = scaledBy(chain, chain.step('Mul', [a, sums]), -1 / count);
  const d = chain.step('Sub', [level, chain.step('Mul', [c, mean.name])]);
  const alongInput = affine(chain, input.name, input.shape, 'channel', c, d);
  chain.reshapeTo(
    inputGradient,
    affine(chain, outputGradient.name, input.shape, 'channel', a, undefined, alongInput),
  );
}
