import { require, type Applier, type Operator, type Shaped } from '../graph/operator.ts';
import { size } from '../graph/shape.ts';
import { arithmetic, unary } from './elementwise.ts';
import { extents4 } from './extents.ts';
import { reshape } from './layout.ts';
import { reduce } from './reduction.ts';

export interface WeightStandardizationAttributes {
  /** γ of the activation whose results the filter reads: 1 / √Var φ(x). */
  readonly gamma: number;
  /** Least value under the root. */
  readonly epsilon: number;
}

/**
 * Scaled weight standardization (Brock et al. 2021, arXiv 2101.08692, §4.1; Qiao et al. 2019): every filter gets mean 0
 * and, but for its learned gain and γ, norm 1,
 *
 *     γ · gain · (W − μ) / √max(N σ², ε)   with μ and σ² over the N taps of a filter.
 *
 * filter `[M, C/groups, kh, kw]`, gain `[M]`. Arithmetic per tap: 1 for the mean, 3 for the variance, 1 to scale; per
 * filter a division by N, the comparison with ε, a reciprocal, the two factors, and a square root.
 */
export const weightStandardization: Operator<
  'weightStandardization',
  'filter' | 'gain',
  never,
  WeightStandardizationAttributes
> = {
  name: 'weightStandardization',
  shapes({ filter, gain }) {
    const [filters] = extents4(filter, 'filter');
    require(gain.length === 1 && gain[0] === filters, `the gain needs ${filters} elements`);
    return [filter];
  },
  work({ operands: { filter, gain } }) {
    return { macs: 0, arithmetic: 5 * size(filter) + 5 * size(gain), transcendental: size(gain) };
  },
  gradient(graph, { operands: { filter, gain }, attributes }, outputGradient) {
    const { apply } = arithmetic(graph);
    type Value = typeof outputGradient;
    let shared: ReturnType<typeof gradientParts<Value>> | undefined;
    const parts = () => (shared ??= gradientParts(graph, filter, outputGradient, attributes));
    return {
      /** With c = W − μ and r the inverse root: γ gain r · (d − mean(d) − r² c Σdc), without the last term below ε. */
      filter: () => {
        const { centred, inverse, product, isAbove } = parts();
        const column = graph.apply(reshape, { input: gain }, { shape: inverse.shape });
        const factor = apply('multiply', apply('multiply', column, inverse), graph.scalar(attributes.gamma));
        const mean = graph.apply(reduce, { input: outputGradient }, { function: 'mean', axes: taps });
        const share = apply(
          'multiply',
          apply('multiply', apply('multiply', inverse, inverse), product),
          isAbove,
        );
        const across = apply('subtract', outputGradient, mean);
        return apply('multiply', apply('subtract', across, apply('multiply', centred, share)), factor);
      },
      gain: () => {
        const { inverse, product } = parts();
        const sums = apply('multiply', apply('multiply', product, inverse), graph.scalar(attributes.gamma));
        return graph.apply(reshape, { input: sums }, { shape: gain.shape });
      },
    };
  },
};

/** The axes of one filter. */
const taps = [1, 2, 3] as const;

/** What both gradients need: c = W − μ, and per filter `[M, 1, 1, 1]` 1 / √max(Σc², ε), Σdc, and whether Σc² ≥ ε. */
function gradientParts<Value extends Shaped>(
  graph: Applier<Value>,
  filter: Value,
  outputGradient: Value,
  { epsilon }: WeightStandardizationAttributes,
) {
  const { apply } = arithmetic(graph);
  const sum = (input: Value) => graph.apply(reduce, { input }, { function: 'sum', axes: taps });
  const mean = graph.apply(reduce, { input: filter }, { function: 'mean', axes: taps });
  const centred = apply('subtract', filter, mean);
  const power = sum(graph.apply(unary, { input: centred }, { function: 'square' }));
  const least = graph.scalar(epsilon);
  const root = graph.apply(unary, { input: apply('maximum', power, least) }, { function: 'sqrt' });
  return {
    centred,
    inverse: graph.apply(unary, { input: root }, { function: 'reciprocal' }),
    product: sum(apply('multiply', outputGradient, centred)),
    isAbove: apply('greaterEqual', power, least),
  };
}
