import type { Graph, Tensor } from '../../graph/graph.ts';
import type { CompileOptions } from '../engine.ts';
import { probeBlock } from './blocked/probe.ts';
import { blockedLowerings } from './blocked/table.ts';
import { fastLowerings } from './fast/table.ts';
import { loadLibrary } from './library.ts';
import { lowerGraph, type LoweredModel } from './lower.ts';
import { standardLowerings } from './standard/table.ts';

/** The forms that were measured to be fast on this kind of processor. */
export async function processorModel(graph: Graph, { weights }: CompileOptions): Promise<LoweredModel> {
  const block = await probeBlock(await loadLibrary());
  const isConstant = (tensor: Tensor) => weights.has(tensor) && !graph.updates.has(tensor);
  const fast = fastLowerings(standardLowerings, { graph, block, isConstant });
  const table = block === undefined ? fast : blockedLowerings(fast, { graph, block, isConstant });
  return lowerGraph(graph, weights, {}, table);
}
