import { optimizers, type OptimizerName } from '../gradients/optimizers/registry.ts';
import { buildTrainingStep } from '../gradients/training-step.ts';
import type { Graph } from '../graph/graph.ts';
import { buildGraph, type Variant } from '../models/variants/variant.ts';
import { estimateMemory, largestBatch, type MemoryEstimate } from './memory.ts';
import { countTraining, type TrainingCounts } from './training-counts.ts';

/** Label smoothing of the study, which no cost depends on. */
const labelSmoothing = 0.1;

/** The training step that is counted and timed: everything learns, labels are smoothed as in the study. */
export function standardTrainingStep(variant: Variant, batch: number, optimizer: OptimizerName): Graph {
  return buildTrainingStep(variant, batch, { optimizer: optimizers[optimizer](batch), labelSmoothing });
}

export interface TrainingCost extends TrainingCounts {
  readonly optimizer: OptimizerName;
  readonly memory: MemoryEstimate;
}

/** What a training step costs: counts per image, memory for the whole batch. */
export function trainingCost(variant: Variant, batch: number, optimizer: OptimizerName): TrainingCost {
  const step = standardTrainingStep(variant, batch, optimizer);
  return { optimizer, ...countTraining(step, batch), memory: estimateMemory(step) };
}

/** The largest batches for inference and for training whose least memory fits into `bytes`. */
export function largestBatches(variant: Variant, optimizer: OptimizerName, bytes: number) {
  const fit = (build: (batch: number) => Graph) =>
    largestBatch(bytes, (batch) => estimateMemory(build(batch)).peak);
  return {
    inference: fit((batch) => buildGraph(variant, batch)),
    training: fit((batch) => standardTrainingStep(variant, batch, optimizer)),
  };
}
