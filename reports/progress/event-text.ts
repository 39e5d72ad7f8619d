import type { RunEvent } from '../../src/bench/run.ts';
import { inUnit } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';

/** A remark on what happened in a run that its reader should know of; undefined for what is ordinary. */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'noise': {
      const { spin, memory, detectableEffect } = event.noise;
      const effect =
        detectableEffect === null
          ? ''
          : ` If networks scatter alike, differences above ${percent(detectableEffect)} can be seen in this plan.`;
      return (
        `Noise now: fixed arithmetic scatters by ${percent(spin.dispersion)} (its slowest twentieth takes ` +
        `${percent(spin.spread)} longer than the fastest), passes over memory by ${percent(memory.dispersion)}.${effect}`
      );
    }
    case 'gate': {
      const { subject, verdict } = event;
      if (verdict.passed) return undefined;
      return `${variantLabel(subject.variant)} (${subject.mode}) is not timed: ${verdict.error ?? 'it failed the check'}`;
    }
    case 'allocation': {
      const { rounds, blocksPerCell } = event.allocation;
      return `After the pilot: ${rounds} rounds, ${blocksPerCell.join(', ')} blocks per process.`;
    }
    default:
      return undefined;
  }
}

function percent(fraction: number): string {
  return `${inUnit(fraction, 0.01)} %`;
}
