import type { Tensor } from '../../graph/graph.ts';
import type { NetworkBuilder } from './network-builder.ts';

/** A block's place in its network. */
export interface BlockPlace<Stage> {
  readonly stage: Stage;
  /** Of the whole stage: 0 is the first. */
  readonly repeat: number;
  /** Probability that stochastic depth lets the branch live: it falls linearly from 1 over the blocks. */
  readonly survival: number;
}

/**
 * Builds stages of blocks one after the other: `stages.1`, `stages.2`, …, with blocks `1`, `2`, ….
 * `lastSurvival` is what the survival would come to after the last block.
 */
export function buildStages<Stage extends { readonly repeats: number }>(
  net: NetworkBuilder,
  input: Tensor,
  stages: readonly Stage[],
  lastSurvival: number,
  build: (input: Tensor, place: BlockPlace<Stage>) => Tensor,
): Tensor {
  const blocks = stages.reduce((sum, { repeats }) => sum + repeats, 0);
  let index = 0;
  let x = input;
  for (const [stageIndex, stage] of stages.entries()) {
    net.graph.stage(`stages.${stageIndex + 1}`, () => {
      for (let repeat = 0; repeat < stage.repeats; repeat++) {
        const survival = 1 - ((1 - lastSurvival) * index) / blocks;
        index += 1;
        x = net.graph.block(`${repeat + 1}`, () => build(x, { stage, repeat, survival }));
      }
    });
  }
  return x;
}
