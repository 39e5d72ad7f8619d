import type { BenchRow, Estimate } from '../../src/results/schema.ts';
import { relativeSpeed } from '../relative-speed.ts';
import { describeSetting, type SettingGroup } from '../setting.ts';
import { familyLabel } from '../variant-label.ts';

export interface SpeedUpPoint {
  readonly variant: string;
  readonly series: string;
  /** MACs of the reference over MACs of the variant. */
  readonly theory: number;
  /** Images per second of the variant over those of the reference, paired by round. */
  readonly measured: Estimate;
  readonly isReference: boolean;
}

export interface SpeedUpData {
  readonly reference: string;
  readonly points: readonly SpeedUpPoint[];
  /** In words, for the caption. */
  readonly setting: string;
  readonly mode: BenchRow['mode'];
}

/** The measured rows of a group against its reference; null when nothing was measured. */
export function speedUpData({ reference, rows, setting }: SettingGroup): SpeedUpData | null {
  if (reference === null) return null;
  const points = rows.flatMap((row): SpeedUpPoint[] => {
    const measured = relativeSpeed(row, reference);
    return measured === null
      ? []
      : [
          {
            variant: row.variant,
            series: row.accuracy?.series ?? familyLabel(row.variant),
            theory: reference.theory.macs / row.theory.macs,
            measured,
            isReference: row === reference,
          },
        ];
  });
  return { reference: reference.variant, points, setting: describeSetting(setting), mode: setting.mode };
}

/** Of the promised speed-up, the share that arrives: 1 where time is proportional to MACs. */
export function keptShare({ measured, theory }: SpeedUpPoint): number {
  return measured.estimate / theory;
}
