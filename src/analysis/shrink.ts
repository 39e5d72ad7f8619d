import { EcfxError } from '../errors.ts';
import { inverseGiant, tiny, type Coefficients } from '../models/scaling/shrinking-rules.ts';
import { buildGraph, formatVariant, pixels, type Variant } from '../models/variants/variant.ts';
import { countNetwork, countNodes, type Counts } from './count.ts';

export interface ShrunkNetwork {
  readonly rule: 'tiny formula' | 'inverse giant formula';
  readonly variant: string;
  readonly resolution: number;
  /** Coefficients of the family, not relative to the base. */
  readonly width: number;
  readonly depth: number;
  readonly parameters: number;
  /** Per image. */
  readonly macs: number;
  readonly activations: number;
}

export interface ShrinkResult {
  readonly schema: 'ecfx.shrink/1';
  readonly base: string;
  readonly baseMacs: number;
  /** Multiply-accumulates per image that may not be exceeded. */
  readonly budget: number;
  readonly networks: readonly ShrunkNetwork[];
}

/** Halvings of an interval of coefficients: finer than the three decimals that names give. */
const halvings = 24;
const mostSteps = 20;
const leastWidth = 0.05;

/**
 * Shrinks a network to at most `budget` multiply-accumulates, by the tiny formula and by the inverse giant formula.
 * Channels, repeats and pixels are whole numbers, so what a formula gives misses the budget: the tiny formula's width
 * and the giant formula's exponent are set to the most that fits, by counting.
 * Throws `EcfxError` (usage) when the family cannot be scaled so, or the budget is no shrinking.
 */
export function shrink(base: Variant, budget: number): ShrinkResult {
  const name = formatVariant(base);
  for (const knob of ['width', 'depth'] as const) {
    if (base.model.knobs.includes(knob)) continue;
    const reason = base.model.refusals?.[knob];
    throw new EcfxError(
      'usage',
      `${name} cannot be shrunk by a formula: ${base.model.family} has no ${knob} to set${reason === undefined ? '' : `: ${reason}`}`,
    );
  }
  const baseMacs = count(base).macs;
  if (!(budget < baseMacs)) {
    throw new EcfxError('usage', `${name} has ${baseMacs} MACs, which are within ${budget} already`, {
      suggestions: ['Give a smaller number of MACs, such as a quarter of it.'],
    });
  }
  const scaled = tiny(budget / baseMacs);
  const byTiny = largest(leastWidth / base.knobs.width, 2 * scaled.width, (width) =>
    scale(base, { ...scaled, width }),
  );
  const byGiant = largest(-mostSteps, 0, (steps) => scale(base, inverseGiant(-steps)));
  return {
    schema: 'ecfx.shrink/1',
    base: name,
    baseMacs,
    budget,
    networks: [describe('tiny formula', byTiny), describe('inverse giant formula', byGiant)],
  };

  /** The variant of the largest number from `least` to `most` that is within the budget. */
  function largest(least: number, most: number, variantOf: (value: number) => Variant): Variant {
    let [low, high] = [least, most];
    let best = variantOf(low);
    if (count(best).macs > budget) {
      throw new EcfxError('usage', `${name} does not shrink to ${budget} MACs: no width is small enough`);
    }
    for (let step = 0; step < halvings; step++) {
      const middle = (low + high) / 2;
      const candidate = variantOf(middle);
      if (count(candidate).macs > budget) high = middle;
      else [low, best] = [middle, candidate];
    }
    return best;
  }
}

function scale(base: Variant, { width, depth, resolution }: Coefficients): Variant {
  return {
    ...base,
    resolution: Math.max(1, Math.floor(pixels(base) * resolution)),
    knobs: {
      ...base.knobs,
      width: threeDecimals(Math.max(leastWidth, base.knobs.width * width)),
      depth: threeDecimals(Math.max(leastWidth, base.knobs.depth * depth)),
    },
  };
}

function describe(rule: ShrunkNetwork['rule'], variant: Variant): ShrunkNetwork {
  const { parameters, macs, activations } = count(variant);
  const { width, depth } = variant.knobs;
  return {
    rule,
    variant: formatVariant(variant),
    resolution: pixels(variant),
    width,
    depth,
    parameters,
    macs,
    activations,
  };
}

function count(variant: Variant): Counts {
  return countNetwork(countNodes(buildGraph(variant, 1))).perStep;
}

function threeDecimals(value: number): number {
  return Math.round(value * 1000) / 1000;
}
