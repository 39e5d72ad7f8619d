import { standardTrainingStep } from '../analysis/training.ts';
import { EcfxError } from '../errors.ts';
import { optimizerNames, type OptimizerName } from '../gradients/optimizers/registry.ts';
import type { Graph } from '../graph/graph.ts';
import { buildGraph, parseVariant } from '../models/variants/variant.ts';
import type { Subject } from '../results/schema.ts';

/** The graph that a subject runs, for its batch or another. Throws `EcfxError` when it cannot be built. */
export function graphOf(subject: Subject, batch = subject.batch): Graph {
  const variant = parseVariant(subject.variant);
  return subject.mode === 'inference'
    ? buildGraph(variant, batch)
    : standardTrainingStep(variant, batch, optimizerOf(subject));
}

function optimizerOf({ optimizer }: Subject): OptimizerName {
  const known = optimizerNames.find((name) => name === optimizer);
  if (!known) throw new EcfxError('input', `“${optimizer}” is not an optimizer that ecfx knows`);
  return known;
}
