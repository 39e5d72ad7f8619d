import type { BenchResult } from '../../src/results/schema.ts';
import { describeSetting, groupBySetting, type SettingGroup } from '../setting.ts';
import { displayText } from '../tables/display-text.ts';
import { sizeLabel } from '../variant-label.ts';
import { backdropFigure } from './backdrop.ts';
import type { Figure } from './figure.ts';
import type { FrontPageData, FrontPagePoint, StudyPoint } from './front-page-data.ts';
import { frontPageFigure } from './front-page.ts';
import { speedUpData } from './speed-up-data.ts';
import { speedUpFigure } from './speed-up.ts';

/** Every figure that a result has the data for, in the order in which to read them. */
export function resultFigures(result: BenchResult, study: readonly StudyPoint[]): Figure[] {
  const groups = groupBySetting(result.rows);
  return groups.flatMap((group, index) => {
    const speedUp = speedUpData(group);
    return [
      frontPageFigure(frontPageData(group, study)),
      speedUp === null ? null : speedUpFigure(speedUp),
      backdropFigure(group.rows, result.imported ?? [], group.setting.mode),
    ]
      .filter((figure) => figure !== null)
      .map((figure) => (groups.length === 1 ? figure : distinguish(figure, group, index)));
  });
}

/** Measured rows whose accuracy is known; the others stay in the second figure and in the table. */
export function frontPageData({ rows, setting }: SettingGroup, study: readonly StudyPoint[]): FrontPageData {
  const studied = new Map(study.map((point) => [point.variant, point]));
  const measured = rows.flatMap(({ variant, accuracy, throughput, theory }): FrontPagePoint[] =>
    accuracy === null || throughput === undefined
      ? []
      : [
          {
            variant,
            series: displayText(accuracy.series),
            size: studied.get(variant)?.size ?? sizeLabel(variant),
            // The study plots the forward pass, in training too.
            flops: theory.forwardFlops ?? theory.flops,
            top1: accuracy.top1,
            error: accuracy.error,
            origin: accuracy.origin,
            ...(accuracy.recipe !== undefined && { recipe: accuracy.recipe }),
            throughput,
          },
        ],
  );
  // Behind networks that were trained otherwise, the study's would be no backdrop.
  const isOfTheStudy = measured.length === 0 || measured.some(({ variant }) => studied.has(variant));
  return { measured, study: isOfTheStudy ? study : [], mode: setting.mode };
}

function distinguish(figure: Figure, { setting }: SettingGroup, index: number): Figure {
  return {
    ...figure,
    id: `${figure.id}-${String(index + 1)}`,
    title: `${figure.title} (${describeSetting(setting)})`,
  };
}
