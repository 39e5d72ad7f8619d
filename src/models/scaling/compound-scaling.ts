/** The compound scaling rule of EfficientNet (Tan & Le 2019, §3.3), as in its code, and what others made of it. */

/** The guard of `makeDivisible` in most code: never down by more than 10 %. */
const guard = 0.9;

/**
 * Rounds a number of channels to a multiple of `divisor`, but never to less than `limit` times the number
 * (`round_filters` in tensorflow/tpu @ 7dc921f8, models/official/efficientnet).
 */
export function makeDivisible(channels: number, divisor = 8, limit = guard): number {
  const rounded = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return rounded < limit * channels ? rounded + divisor : rounded;
}

/** Channels of a layer under a width coefficient. */
export function scaleWidth(channels: number, width: number): number {
  return makeDivisible(channels * width);
}

/** Repeats of a stage under a depth coefficient: always rounded up. */
export function scaleDepth(repeats: number, depth: number): number {
  return Math.ceil(repeats * depth);
}

/** To the nearest whole number; halves go to the even one, as in Python. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
