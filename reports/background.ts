/** What reports set a result beside: the study's figure, and what a training step of its variants costs in theory. */
import { macsPerImage, studyPoints } from '../src/analysis/published.ts';
import { breakDownTraining, type TrainingBreakdown } from '../src/analysis/training-counts.ts';
import { graphOf } from '../src/bench/subject-graph.ts';
import type { BenchResult } from '../src/results/schema.ts';
import type { Background } from './figures/result-figures.ts';

/** Counts whatever the result needs counted; some tenths of a second a network. */
export function backgroundOf({ rows }: BenchResult): Background {
  const trained = rows.filter(({ mode, throughput }) => mode === 'training' && throughput !== undefined);
  const trainingCounts = new Map<string, TrainingBreakdown>();
  for (const row of trained) {
    if (!trainingCounts.has(row.variant))
      trainingCounts.set(row.variant, breakDownTraining(graphOf(row), row.batch));
  }
  const study = studyPoints().map((point) => ({ ...point, flops: 2 * macsPerImage(point.variant) }));
  return { study, trainingCounts };
}
