import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { median, quantile } from 'simple-statistics';
import type { Step } from '../engines/engine.ts';
import type { Protocol, SteadyState } from '../results/schema.ts';
import { secondsSince } from './clock.ts';
import { assessSteadyState } from './steady-state/settled.ts';
import { blockLength, timeSteps, type BlockLength } from './time-steps.ts';

export interface WarmUp extends BlockLength {
  readonly steps: number;
  readonly seconds: number;
  /** Seconds per step, block by block; the single steps that came before the first block are left out. */
  readonly stepSeconds: readonly number[];
  /** Steps of each of these blocks. */
  readonly warmUpBlock: number;
}

/** Blocks between two looks at whether the times have settled. */
const blocksBetweenLooks = 4;

/**
 * Runs steps until their time has settled: at least `warmUpSeconds` and `minimumWarmUpSteps`, then until the test
 * passes or `maximumWarmUpSeconds` are over. With `frozenSteps`, the number that the pilot found, just that many: then
 * every process of a variant has warmed up alike.
 */
export async function warmUp(step: Step, protocol: Protocol, frozenSteps?: number): Promise<WarmUp> {
  const start = performance.now();
  const singles: number[] = [];
  while (singles.length < protocol.minimumWarmUpSteps) singles.push(await timeSteps(step, 1));
  const length = await blockLength(step, median(singles), protocol);
  const stepSeconds: number[] = [];
  const stepsSoFar = () => singles.length + stepSeconds.length * length.stepsPerBlock;
  const isDone =
    frozenSteps === undefined
      ? () => hasSettled(stepSeconds, secondsSince(start), protocol)
      : () => stepsSoFar() >= frozenSteps;
  while (!isDone()) {
    stepSeconds.push((await timeSteps(step, length.stepsPerBlock)) / length.stepsPerBlock);
    // A turn of the event loop, in which this process hears of its parent's death.
    await setImmediate();
  }
  const steps = stepsSoFar();
  const seconds = secondsSince(start);
  // The first steps were slower than what follows; a block made of a fast step's time is never too short.
  const fast = quantile(stepSeconds.length > 0 ? stepSeconds : singles, 0.1);
  return {
    ...(await blockLength(step, fast, protocol)),
    steps,
    seconds,
    stepSeconds,
    warmUpBlock: length.stepsPerBlock,
  };
}

function hasSettled(stepSeconds: readonly number[], elapsed: number, protocol: Protocol): boolean {
  const window = steadyBlocksOf(protocol);
  if (elapsed < protocol.warmUpSeconds) return false;
  if (elapsed >= (protocol.maximumWarmUpSeconds ?? protocol.warmUpSeconds)) return true;
  const isLook = stepSeconds.length >= window && (stepSeconds.length - window) % blocksBetweenLooks === 0;
  return isLook && assessSteadyState(stepSeconds, window).proven;
}

/** Blocks that have to look steady: as many as are timed, unless the protocol says. */
export function steadyBlocksOf({ steadyBlocks, blocksPerCell }: Protocol): number {
  return steadyBlocks ?? blocksPerCell;
}

/**
 * The steps that later processes warm up for: half as many again as the pilots took to reach their last level, and at
 * least what the protocol asks for. A pilot that never settled is followed in its whole length.
 */
export function freezeWarmUp(
  pilots: readonly {
    /** Steps of a block of the warm-up. */
    readonly warmUpBlock: number;
    readonly stepSeconds: readonly number[];
    readonly steadyState: SteadyState;
  }[],
  protocol: Protocol,
): number {
  const steps = pilots.map(({ warmUpBlock, stepSeconds, steadyState }) => {
    const { label, steadyFrom } = steadyState;
    const blocks =
      label === 'no-steady-state' ? stepSeconds.length : 1.5 * Math.min(steadyFrom, stepSeconds.length);
    const least = stepSeconds.length === 0 ? 0 : protocol.warmUpSeconds / median([...stepSeconds]);
    return Math.max(least, blocks * warmUpBlock);
  });
  return Math.ceil(Math.max(protocol.minimumWarmUpSteps, ...steps));
}
