import { EcfxError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { OperatorTable } from '../../operators/registry.ts';
import type { CompileOptions } from '../engine.ts';
import type { Emitter } from './emitter.ts';
import { lowerGraph, type LoweredModel } from './lower.ts';
import { standardLowerings } from './standard/table.ts';
import { inHalfPrecision } from './onnx/half-precision.ts';

/**
 * The model for a graphics card, in the precision that is asked for. Throws `EcfxError` (unavailable) for training in
 * 16-bit floats.
 */
export function cardModel(
  graph: Graph,
  { weights, precision }: Pick<CompileOptions, 'weights' | 'precision'>,
  table: OperatorTable<Emitter, void> = standardLowerings,
): LoweredModel {
  const model = lowerGraph(graph, weights, {}, table);
  if (precision === 'fp32') return model;
  if (graph.updates.size > 0) {
    throw new EcfxError('unavailable', 'training in fp16 is not there: it needs a scaled loss', {
      suggestions: ['Use --precision fp32, or --mode inference.'],
    });
  }
  return { ...model, ...inHalfPrecision(model) };
}
