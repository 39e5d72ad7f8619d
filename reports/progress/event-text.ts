import { tooNoisyEffect } from '../../src/bench/fitness.ts';
import type { LongRun } from '../../src/bench/describe-plan.ts';
import type { RunEvent } from '../../src/bench/run.ts';
import { formatSeconds, inUnit } from '../tables/format.ts';
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

/** Said before anything is measured. */
export function describeLongRun({ seconds, slowest }: LongRun): string {
  const { variant, mode, engine, device, batch, guessedCellSeconds } = slowest;
  return (
    `This takes about ${formatSeconds(seconds)}, guessed from the counted FLOPs. Slowest is ${variantLabel(variant)} ` +
    `(${mode}, ${engine} on ${device}, batch ${batch}) with ${formatSeconds(guessedCellSeconds)} a process. Shorter with ` +
    `a smaller --batch, --quick, or fewer of --device; what is measured when you stop it is kept.`
  );
}

function effectText(effect: number | null): string {
  if (effect === null) return '';
  if (effect > tooNoisyEffect) return ' That is too noisy to compare networks, unless they differ widely.';
  return ` If networks scatter alike, only differences above ${percent(effect)} can be seen.`;
}

function percent(fraction: number): string {
  return `${inUnit(fraction, 0.01)} %`;
}
