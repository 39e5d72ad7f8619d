import { mean } from 'simple-statistics';

/**
 * How much a value resembles the one before it, from −1 to 1, pooled over several series about their own means. 0 or a little
 * less (−1/n of n values) when they do not. Null when no series has two different values.
 */
export function lagOneAutocorrelation(series: readonly (readonly number[])[]): number | null {
  let products = 0;
  let squares = 0;
  for (const values of series) {
    if (values.length < 2) continue;
    const centre = mean([...values]);
    for (const [index, value] of values.entries()) {
      squares += (value - centre) ** 2;
      if (index > 0) products += (value - centre) * (values[index - 1]! - centre);
    }
  }
  return squares > 0 ? products / squares : null;
}
