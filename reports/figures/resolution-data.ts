import type { BenchRow, Estimate } from '../../src/results/schema.ts';
import { groupBy } from '../group-by.ts';

export interface ResolutionPoint {
  /** The network without its resolution, which is what a line is drawn through. */
  readonly network: string;
  readonly row: BenchRow;
  readonly side: number;
  readonly throughput: Estimate;
  /** Images per second that the counted FLOPs promise, from the speed at the largest size. */
  readonly promised: number;
}

function networkOf(variant: string): string {
  return variant.replace(/@[^:]*/, '');
}

/** The rows of networks that were measured at two sizes or more, network by network, small sizes first. */
export function resolutionPoints(rows: readonly BenchRow[]): ResolutionPoint[] {
  const measured = rows.filter((row) => row.throughput !== undefined);
  const networks = groupBy(measured, ({ variant }) => networkOf(variant));
  return [...networks].flatMap(([network, own]) => {
    if (new Set(own.map(({ theory }) => theory.resolution)).size < 2) return [];
    const sorted = own.toSorted((a, b) => a.theory.resolution - b.theory.resolution);
    const largest = sorted.at(-1)!;
    return sorted.map((row) => ({
      network,
      row,
      side: row.theory.resolution,
      throughput: row.throughput!,
      promised: (largest.throughput!.estimate * largest.theory.macs) / row.theory.macs,
    }));
  });
}
