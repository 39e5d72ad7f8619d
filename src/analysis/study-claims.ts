/** The study's two claims on training throughput (arXiv 2106.03640), recomputed for any machine. */
import { largestSpeedUp, type AccuracyPoint, type IsoAccuracySpeedUp } from './iso-accuracy.ts';
import { studyPoints, type FigureSeries, type StudyPoint } from './published.ts';

export interface StudyClaim {
  /** In the words of the study. */
  readonly claim: string;
  readonly published: string;
  readonly series: FigureSeries;
  readonly reference: FigureSeries;
}

const studyClaims: readonly StudyClaim[] = [
  {
    claim: 'all three methods together, at comparable accuracy',
    published: '7×',
    series: 'G16-LN_PN-Half',
    reference: 'G1-GN-Baseline',
  },
  {
    claim: 'group convolutions alone',
    published: 'up to 3×',
    series: 'G16-GN-Native',
    reference: 'G1-GN-Native',
  },
];

export interface RecomputedClaim extends StudyClaim {
  /** The largest speed-up at equal accuracy; null where the two curves share no accuracy. */
  readonly found: IsoAccuracySpeedUp | null;
}

/**
 * The claims with the study's accuracies and the images per second that `throughputOf` knows; points for which it says
 * null are left out. The baseline is G1-GN-Native before its fine-tuning: the same network, so equally fast.
 */
export function recomputeClaims(throughputOf: (point: StudyPoint) => number | null): RecomputedClaim[] {
  const curve = (series: FigureSeries): AccuracyPoint[] =>
    studyPoints()
      .filter((point) => point.series === series)
      .flatMap((point) => {
        const throughput = throughputOf(point);
        return throughput === null ? [] : [{ top1: point.top1, throughput }];
      });
  return studyClaims.map((claim) => ({
    ...claim,
    found: largestSpeedUp(curve(claim.series), curve(claim.reference)),
  }));
}
