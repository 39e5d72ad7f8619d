import { gaussianProcess } from '../../mathematics/gaussian-process.ts';
import { tinyNetMembers } from '../families/tinynet.ts';

/** What a network is multiplied by. */
export interface Coefficients {
  readonly width: number;
  readonly depth: number;
  readonly resolution: number;
}

/** EfficientNet's compound scaling for B1 and larger, "giant formula" in Han et al. 2020 (Tan & Le 2019, §3.3). */
const giant: Coefficients = { depth: 1.2, width: 1.1, resolution: 1.15 };

/** The giant formula the other way round: each step φ about halves the operations. */
export function inverseGiant(steps: number): Coefficients {
  return {
    width: giant.width ** -steps,
    depth: giant.depth ** -steps,
    resolution: giant.resolution ** -steps,
  };
}

/** Multiply-accumulates of TinyNet A–E as a part of EfficientNet-B0's, counted. */
const parts = { a: 0.8731, b: 0.5202, c: 0.258, d: 0.1337, e: 0.0631 } as const;

const sizes = Object.keys(parts) as (keyof typeof parts)[];

/** Wide enough to be smooth over the range of the networks, which spans a factor of fourteen. */
const kernel = { length: 1.5, noise: 1e-4 } as const;

function regression(quantity: 'depth' | 'resolution'): (logPart: number) => number {
  return gaussianProcess(
    sizes.map((size) => ({ at: Math.log(parts[size]), value: tinyNetMembers[size][quantity] })),
    kernel,
  );
}

const depthAt = regression('depth');
const resolutionAt = regression('resolution');

/**
 * The tiny formula (Han et al. 2020, arXiv 2010.14819, §3.3): resolution and depth for a part c of the operations by
 * Gaussian-process regression over networks on the Pareto front, and width √(c / r²d) from them.
 *
 * The paper's own sample of the front is not published: the regression here is over the five networks that are.
 * Below the smallest of them and above the largest, resolution and depth stay.
 */
export function tiny(part: number): Coefficients {
  const within = Math.min(Math.max(part, parts.e), parts.a);
  const [depth, resolution] = [depthAt(Math.log(within)), resolutionAt(Math.log(within))];
  return { width: Math.sqrt(part / (resolution ** 2 * depth)), depth, resolution };
}
