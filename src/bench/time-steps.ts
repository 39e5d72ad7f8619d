import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import type { Step } from '../engines/engine.ts';
import type { Protocol } from '../results/schema.ts';
import { secondsSince, timerResolution } from './clock.ts';

/** A block may lose no more than this share of its time to the clock and to waiting for the device. */
const overheadShare = 1e-3;

/** Starts `steps` steps one after the other and waits for the last. Seconds. */
export async function timeSteps(step: Step, steps: number): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < steps; index++) await step.advance();
  await step.synchronize();
  return secondsSince(start);
}

export interface BlockLength {
  readonly stepsPerBlock: number;
  readonly timerSeconds: number;
  readonly synchronizationSeconds: number;
}

/**
 * How many steps make a block: at least `minimumBlockSeconds`, and so long that reading the clock and waiting for the
 * device are a thousandth of it at most.
 */
export async function blockLength(
  step: Step,
  stepSeconds: number,
  { minimumBlockSeconds }: Protocol,
): Promise<BlockLength> {
  const timerSeconds = timerResolution();
  const synchronizationSeconds = await idleSynchronization(step);
  const overhead = 2 * timerSeconds + synchronizationSeconds;
  const seconds = Math.max(minimumBlockSeconds, overhead / overheadShare);
  return {
    stepsPerBlock: Math.max(1, Math.ceil(seconds / stepSeconds)),
    timerSeconds,
    synchronizationSeconds,
  };
}

/** What waiting costs when every step is done already: the median of a few. Seconds. */
async function idleSynchronization(step: Step): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 9; count++) {
    const start = performance.now();
    await step.synchronize();
    times.push(secondsSince(start));
  }
  return median(times);
}
