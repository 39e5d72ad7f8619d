import type { StudyPoint } from '../../reports/figures/front-page-data.ts';
import { macsPerImage, studyPoints } from '../../src/analysis/published.ts';

/** The study's points with their counted FLOPs, as reports take them. */
export function studySample(): StudyPoint[] {
  return studyPoints().map((point) => ({ ...point, flops: 2 * macsPerImage(point.variant) }));
}
