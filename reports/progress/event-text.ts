import { tooNoisyEffect } from '../../src/bench/fitness.ts';
import type { RunEvent } from '../../src/bench/run.ts';
import { inUnit } from '../tables/format.ts';
import { variantLabel } from '../variant-label.ts';

/** A remark on what happened in a run that its reader should know of; undefined for what is ordinary. */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'noise': {
      const { spin, memory, detectableEffect } = event.noise;
      return (
        `Noise now: fixed arithmetic scatters by ${percent(spin.dispersion)} (its slowest twentieth takes ` +
        `${percent(spin.spread)} longer than the fastest), passes over memory by ${percent(memory.dispersion)}.${effectText(detectableEffect)}`
      );
    }
    case 'gate': {
      const { subject, verdict } = event;
      if (verdict.passed) return undefined;
      return `${variantLabel(subject.variant)} (${subject.mode}) is not timed: ${verdict.error ?? 'it failed the check'}`;
    }
    case 'allocation': {
      const { rounds, blocksPerCell } = event.allocation;
      return `After the pilot: about ${rounds} rounds, ${blocksPerCell.join(', ')} blocks per process.`;
    }
    default:
      return undefined;
  }
}

function effectText(effect: number | null): string {
  if (effect === null) return '';
  if (effect > tooNoisyEffect) return ' That is too noisy to compare networks, unless they differ widely.';
  return ` If networks scatter alike, only differences above ${percent(effect)} can be seen.`;
}

function percent(fraction: number): string {
  return `${inUnit(fraction, 0.01)} %`;
}
