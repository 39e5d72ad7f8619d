import type { Subject } from './schema.ts';

/** What must be equal before two subjects may be compared: everything but the variant. */
export const settingFields = [
  'mode',
  'engine',
  'device',
  'precision',
  'batch',
  'threads',
  'optimizer',
] as const satisfies readonly (keyof Subject)[];

export interface Setting extends Pick<Subject, (typeof settingFields)[number]> {
  /** Label of the machine, in results of several. */
  readonly machine?: string | undefined;
}

/** Equal for what may be compared. */
export function settingKey(setting: Setting): string {
  return JSON.stringify([...settingFields.map((field) => setting[field] ?? null), setting.machine ?? null]);
}

/** Equal for the same subject: what is measured again in every round. */
export function subjectKey(subject: Setting & Pick<Subject, 'variant'>): string {
  return JSON.stringify([subject.variant, settingKey(subject)]);
}

/**
 * Splits into groups within which comparing is fair, in the order of their first members. The first member of a group
 * is its reference: what the others are compared with, and what runs twice a round as the A/A control.
 */
export function bySetting<Member extends Setting>(members: readonly Member[]): [Member, ...Member[]][] {
  const groups = new Map<string, [Member, ...Member[]]>();
  for (const member of members) {
    const key = settingKey(member);
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}
