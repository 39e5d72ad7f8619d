import type { StudyPoint } from '../../reports/figures/front-page-data.ts';
import type { Background } from '../../reports/figures/result-figures.ts';
import { macsPerImage, studyPoints } from '../../src/analysis/published.ts';
import { breakDownTraining } from '../../src/analysis/training-counts.ts';
import { graphOf } from '../../src/bench/subject-graph.ts';
import type { BenchResult } from '../../src/results/schema.ts';

/** The study's points with their counted FLOPs, as reports take them. */
export function studySample(): StudyPoint[] {
  return studyPoints().map((point) => ({ ...point, flops: 2 * macsPerImage(point.variant) }));
}

/** What reports set a result beside; a training step costs what that of the first network does. */
export function sampleBackground({ rows }: BenchResult): Background {
  const trained = rows.filter(({ mode }) => mode === 'training');
  const [first] = trained;
  const counts = first && breakDownTraining(graphOf(first), first.batch);
  return {
    study: studySample(),
    trainingCounts: new Map(counts && trained.map(({ variant }) => [variant, counts])),
  };
}
