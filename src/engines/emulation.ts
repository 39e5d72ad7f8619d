import { costOf, type Graph } from '../graph/graph.ts';
import type { Execution } from './engine.ts';

/** An operator for which a device has no kernel, or a slow one, so that it is computed in another form there. */
export interface Detour {
  /** `conv2dInputGradient (depthwise)` */
  readonly operator: string;
  /** Products of a step beyond those that the operator's definition asks for. */
  readonly excessMacs: number;
}

/** What its detours make of how a graph runs. */
export function emulationOf(
  graph: Graph,
  detours: readonly Detour[],
): Pick<Execution, 'emulated' | 'executedMacs'> {
  const excess = detours.reduce((sum, { excessMacs }) => sum + excessMacs, 0);
  const asked = graph.nodes.reduce((sum, node) => sum + costOf(node).work.macs, 0);
  return {
    emulated: [...new Set(detours.map(({ operator }) => operator))].sort(),
    executedMacs: excess === 0 ? null : asked + excess,
  };
}
