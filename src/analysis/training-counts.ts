import type { Graph, Pass } from '../graph/graph.ts';
import { countNodes, flops, sumCounts, type Counts } from './count.ts';

export const passes = ['forward', 'dataGradient', 'weightGradient', 'optimizer'] as const satisfies Pass[];

export interface PassCounts extends Pick<
  Counts,
  'macs' | 'arithmetic' | 'transcendental' | 'bytesRead' | 'bytesWritten'
> {
  /** 2 × MACs. */
  readonly flops: number;
}

/** What a training step costs per image; `optimizer` and everything else that is done once per step is shared. */
export interface TrainingCounts {
  readonly passes: Readonly<Record<Pass, PassCounts>>;
  readonly total: PassCounts;
}

/** Counts a training step for `batch` images, the batch that its graph was built for. */
export function countTraining(step: Graph, batch: number): TrainingCounts {
  const nodes = countNodes(step);
  const of = (pass: Pass) => perImage(sumCounts(nodes.filter(({ node }) => node.pass === pass)), batch);
  return {
    passes: {
      forward: of('forward'),
      dataGradient: of('dataGradient'),
      weightGradient: of('weightGradient'),
      optimizer: of('optimizer'),
    },
    total: perImage(sumCounts(nodes), batch),
  };
}

function perImage(counts: Counts, batch: number): PassCounts {
  const { macs, arithmetic, transcendental, bytesRead, bytesWritten } = counts;
  return {
    macs: macs / batch,
    flops: flops(counts) / batch,
    arithmetic: arithmetic / batch,
    transcendental: transcendental / batch,
    bytesRead: bytesRead / batch,
    bytesWritten: bytesWritten / batch,
  };
}
