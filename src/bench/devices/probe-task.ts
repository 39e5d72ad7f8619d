import type { DeviceName, EngineName, Hardware } from '../../engines/engine.ts';
import { abilities } from './self-test.ts';

/** What is asked of a device, in this order; one that fails leaves the later ones unasked. */
export const probeStages = ['installed', 'loads', ...abilities] as const;
export type ProbeStage = (typeof probeStages)[number];

/** What a probing process is told. */
export interface ProbeTask {
  readonly engine: EngineName;
  readonly device: DeviceName;
  /** The last stage to try. */
  readonly last: ProbeStage;
}

/** How a stage went. */
export interface StageOutcome {
  readonly stage: ProbeStage;
  readonly passed: boolean;
  /** Largest difference from the definitions, of what computes; null of the others. */
  readonly relativeError: number | null;
  /** Why not, and what to do about it; of a stage that did not pass. */
  readonly reason?: string;
  readonly remedies?: readonly string[];
}

/** What a probing process tells, as soon as it knows. */
export type ProbeMessage =
  | { readonly type: 'stage'; readonly outcome: StageOutcome }
  | { readonly type: 'device'; readonly hardware: Hardware; readonly versions: Record<string, string> };
