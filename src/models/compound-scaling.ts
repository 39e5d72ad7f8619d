/** The compound scaling rule of EfficientNet (Tan & Le 2019, §3.3), as in its code. */

/**
 * Rounds a number of channels to a multiple of `divisor`, but never down by more than 10 %
 * (`round_filters` in tensorflow/tpu @ 7dc921f8, models/official/efficientnet).
 */
export function makeDivisible(channels: number, divisor = 8): number {
  const rounded = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}

/** Channels of a layer under a width coefficient. */
export function scaleWidth(channels: number, width: number): number {
  return makeDivisible(channels * width);
}

/** Repeats of a stage under a depth coefficient: always rounded up. */
export function scaleDepth(repeats: number, depth: number): number {
  return Math.ceil(repeats * depth);
}
