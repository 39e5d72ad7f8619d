import type { TrainingBreakdown } from '../../src/analysis/training-counts.ts';
import type { BenchResult, BenchSetting } from '../../src/results/schema.ts';
import { settingKey } from '../../src/results/setting.ts';
import { describeSetting, principalGroups, type SettingGroup } from '../setting.ts';
import { displayText } from '../tables/display-text.ts';
import { sizeLabel } from '../variant-label.ts';
import { backdropFigure } from './backdrop.ts';
import { batchFigures } from './batch.ts';
import { blocksFigure } from './blocks.ts';
import { courseFigure } from './course.ts';
import { engineFigures } from './engines.ts';
import type { Figure } from './figure.ts';
import type { FrontPageData, FrontPagePoint, StudyPoint } from './front-page-data.ts';
import { frontPageFigure } from './front-page.ts';
import { latencyFigure } from './latency.ts';
import { memoryFigure } from './memory.ts';
import { parametersFigure } from './parameters.ts';
import { resolutionFigure } from './resolution.ts';
import { roundsFigure } from './rounds.ts';
import { speedUpData } from './speed-up-data.ts';
import { speedUpFigure } from './speed-up.ts';
import { trainingCostFigure } from './training-cost.ts';

/** What figures need to know besides the result. */
export interface Background {
  readonly study: readonly StudyPoint[];
  /** Of a training step of each variant that was trained. */
  readonly trainingCounts: ReadonlyMap<string, TrainingBreakdown>;
}

interface Given extends Background {
  readonly result: BenchResult;
  readonly group: SettingGroup;
}

/** What is drawn of each setting, in the order in which to read it; the name begins a figure's id. */
const settingFigures = {
  'front-page': ({ group, study }) => frontPageFigure(frontPageData(group, study)),
  'speed-up': ({ group }) => {
    const data = speedUpData(group);
    return data && speedUpFigure(data);
  },
  rounds: ({ group, result }) =>
    roundsFigure(group, controlOf(result, group), result.protocol.smallestEffect),
  backdrop: ({ group, result }) => backdropFigure(group.rows, result.imported ?? [], group.setting.mode),
  'training-cost': ({ group, trainingCounts }) => trainingCostFigure(group, trainingCounts),
  memory: ({ group }) => memoryFigure(group),
  parameters: ({ group }) => parametersFigure(group),
  latency: ({ group }) => latencyFigure(group),
  course: ({ group }) => courseFigure(group),
  blocks: ({ group }) => blocksFigure(group),
} satisfies Record<string, (given: Given) => Figure | null>;

/** What is drawn across settings, below. */
const resultWideFigures = {
  engines: engineFigures,
  batch: batchFigures,
  resolution: (result) => [resolutionFigure(result)].filter((figure) => figure !== null),
} satisfies Record<string, (result: BenchResult) => Figure[]>;

export const figureNames: readonly string[] = Object.keys({ ...settingFigures, ...resultWideFigures });

/** Every figure that a result has the data for, in the order in which to read them. */
export function resultFigures(result: BenchResult, background: Background): Figure[] {
  const groups = principalGroups(result.rows);
  const ofSettings = groups.flatMap((group, index) => {
    const given: Given = { ...background, result, group };
    const figures = Object.values(settingFigures).map((draw) => draw(given));
    return figures
      .filter((figure) => figure !== null)
      .map((figure) => (groups.length === 1 ? figure : distinguish(figure, group, index)));
  });
  return [...ofSettings, ...Object.values(resultWideFigures).flatMap((draw) => draw(result))];
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

/** The reference against itself, where the run measured that. */
function controlOf({ settings = [] }: BenchResult, { setting }: SettingGroup): BenchSetting['control'] {
  return settings.find((each) => settingKey(each) === settingKey(setting))?.control ?? null;
}

function distinguish(figure: Figure, { setting }: SettingGroup, index: number): Figure {
  return {
    ...figure,
    id: `${figure.id}-${String(index + 1)}`,
    setting: describeSetting(setting),
  };
}
