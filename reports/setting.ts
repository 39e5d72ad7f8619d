import type { BenchRow } from '../src/results/schema.ts';
import { bySetting, settingKey, type Setting } from '../src/results/setting.ts';
import { groupBy } from './group-by.ts';
import { displayText } from './tables/display-text.ts';
import { variantLabel } from './variant-label.ts';

export interface SettingGroup {
  readonly setting: Setting;
  /** In the order of the result. */
  readonly rows: readonly BenchRow[];
  /** What the others are compared with: the first row that has a measurement; null when none has. */
  readonly reference: BenchRow | null;
}

/** Splits a result into groups within which comparing is fair, in the order of their first rows. */
export function groupBySetting(rows: readonly BenchRow[]): SettingGroup[] {
  return bySetting(rows).map((group) => ({
    setting: group[0],
    rows: group,
    reference: group.find((row) => row.throughput !== undefined) ?? null,
  }));
}

/**
 * The groups that are reported one by one. Of settings that differ in the batch alone only the one with most
 * measurements is: the others are points of a curve over the batch.
 */
export function principalGroups(rows: readonly BenchRow[]): SettingGroup[] {
  const measured = ({ rows: own }: SettingGroup) => own.filter((row) => row.throughput !== undefined).length;
  const families = groupBy(groupBySetting(rows), ({ setting }) => settingKey({ ...setting, batch: 1 }));
  return [...families.values()].map((groups) =>
    groups.reduce((best, group) => (measured(group) > measured(best) ? group : best)),
  );
}

/**
 * Names rows among others of their result: by variant and mode, and by whatever else differs between any of them, as in
 * `b0:g16, inference, batch 4`.
 */
export function rowNames(rows: readonly BenchRow[]): (row: BenchRow) => string {
  const says: Record<Exclude<keyof Setting, 'mode' | 'optimizer'>, (row: BenchRow) => string> = {
    engine: ({ engine }) => displayText(engine),
    device: ({ device }) => displayText(device),
    precision: ({ precision }) => displayText(precision),
    batch: ({ batch }) => `batch ${String(batch)}`,
    threads: ({ threads }) => `${String(threads)} threads`,
    machine: ({ machine }) => `machine ${machine ?? 'unknown'}`,
  };
  const different = Object.values(says).filter((say) => new Set(rows.map(say)).size > 1);
  return (row) => [variantLabel(row.variant), row.mode, ...different.map((say) => say(row))].join(', ');
}

/** `inference, onnxruntime on cpu, fp32, batch 16, 2 threads` */
export function describeSetting({ mode, engine, device, precision, batch, threads }: Setting): string {
  const plural = threads === 1 ? '' : 's';
  const where = `${displayText(engine)} on ${displayText(device)}`;
  return `${mode}, ${where}, ${displayText(precision)}, batch ${String(batch)}, ${String(threads)} thread${plural}`;
}
