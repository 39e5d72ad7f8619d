/**
 * The thirty configurations of "Making EfficientNet More Efficient" (arXiv 2106.03640): five training series × B0–B5,
 * as the authors name them (graphcore-research/making-efficientnet-more-efficient @ 874d392, README and configs.yml).
 */

/** The authors' names for a series, without the size: `G16-LN_PN-Half`. */
export const studySeries = {
  'G1-GN-Native': ':gn4',
  'G16-GN-Native': ':g16,e4,gn4',
  'G16-GN-Half': '@half:g16,e4,gn4',
  'G16-LN_PN-Native': ':g16,e4,ln+pn',
  'G16-LN_PN-Half': '@half:g16,e4,ln+pn',
} as const;

export type StudySeries = keyof typeof studySeries;

export const studySizes = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5'] as const;

export interface StudyConfiguration {
  /** As the authors write it: `B0-G16-LN_PN-Half`. */
  readonly name: string;
  readonly series: StudySeries;
  readonly size: (typeof studySizes)[number];
  /** As ecfx writes it: `efficientnet-b0@half:g16,e4,ln+pn`. */
  readonly variant: string;
}

export const studyConfigurations: readonly StudyConfiguration[] = Object.entries(studySeries).flatMap(
  ([series, modifiers]) =>
    studySizes.map((size) => ({
      name: `${size.toUpperCase()}-${series}`,
      series: series as StudySeries,
      size,
      variant: `efficientnet-${size}${modifiers}`,
    })),
);

/** What is counted and timed when no variant is named: the study's three changes, one after the other, at B0. */
export const defaultVariants: readonly string[] = [
  'efficientnet-b0',
  'efficientnet-b0:g16,e4,gn4',
  'efficientnet-b0:g16,e4,ln+pn',
  'efficientnet-b0@half:g16,e4,ln+pn',
];
