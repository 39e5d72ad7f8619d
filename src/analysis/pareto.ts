/** One quantity by which items are compared, and the direction that is better. */
export interface Objective<T> {
  readonly value: (item: T) => number;
  readonly better: 'lower' | 'higher';
}

/** Whether `a` is at least as good as `b` in every objective and strictly better in one. */
export function dominates<T>(a: T, b: T, objectives: readonly Objective<T>[]): boolean {
  let strictlyBetter = false;
  for (const { value, better } of objectives) {
    const advantage = better === 'higher' ? value(a) - value(b) : value(b) - value(a);
    if (advantage < 0) return false;
    if (advantage > 0) strictlyBetter = true;
  }
  return strictlyBetter;
}

/**
 * The items that no other item dominates, in their given order. Items that are equal in every objective dominate
 * each other in none, so all of them stay. Quadratic in the number of items: meant for hundreds, not millions.
 */
export function paretoFront<T>(items: readonly T[], objectives: readonly Objective<T>[]): T[] {
  for (const item of items) {
    for (const { value } of objectives) {
      // NaN compares false with everything, which would put it on every front.
      if (Number.isNaN(value(item)))
        throw new RangeError('A Pareto front needs a number for every objective.');
    }
  }
  return items.filter((item) => !items.some((other) => dominates(other, item, objectives)));
}
