import type { GraphBuilder } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/graph.ts';
import type { Knobs } from '../knobs.ts';
import type { SignalScale } from './signal-scale.ts';

/** In training, norms use the batch's own statistics where they have any, and branches and features are dropped. */
export type Mode = 'inference' | 'training';

/** What layers are built in: the graph so far, the settings that they share, and the signal's strength. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  /** The variant's norm, activation and padding. */
  readonly knobs: Pick<Knobs, 'norm' | 'activation' | 'padding'>;
  readonly mode: Mode;
  /** Expected mean squares, so that weights can be drawn to keep them; layers built elsewhere note theirs here. */
  readonly signal: SignalScale;
}

export function channelsOf(tensor: Tensor): number {
  return tensor.shape[1] ?? 0;
}
