import type { Graph, Pass } from '../graph/graph.ts';
import { bucketOf, buckets, type Bucket } from './buckets.ts';
import { countNodes, flops, sumCounts, type Counts, type NodeCounts } from './count.ts';

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

/** The same, and of each pass what each kind of operator costs; kinds that a pass has none of cost nothing. */
export interface TrainingBreakdown extends TrainingCounts {
  readonly buckets: Readonly<Record<Pass, Readonly<Record<Bucket, PassCounts>>>>;
}

/** Counts a training step for `batch` images, the batch that its graph was built for. */
export function countTraining(step: Graph, batch: number): TrainingCounts {
  return sumPasses(countNodes(step), batch);
}

export function breakDownTraining(step: Graph, batch: number): TrainingBreakdown {
  const nodes = countNodes(step);
  const of = (pass: Pass) => {
    const own = nodes.filter(({ node }) => node.pass === pass);
    return forEach(buckets, (bucket) =>
      perImage(
        sumCounts(own, ({ node }) => bucketOf(node) === bucket),
        batch,
      ),
    );
  };
  return { ...sumPasses(nodes, batch), buckets: forEach(passes, of) };
}

function sumPasses(nodes: readonly NodeCounts[], batch: number): TrainingCounts {
  const of = (pass: Pass) =>
    perImage(
      sumCounts(nodes, ({ node }) => node.pass === pass),
      batch,
    );
  return { passes: forEach(passes, of), total: perImage(sumCounts(nodes), batch) };
}

function forEach<Key extends string, Value>(
  keys: readonly Key[],
  of: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, Value>;
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
