/** Axes whose extent and ticks we choose, so that labels can be placed in pixels beforehand. */
export type AxisType = 'log' | 'linear';

export interface Axis {
  readonly type: AxisType;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** For positive quantities: around them on a logarithmic axis, from zero on a linear one. */
export function quantityAxis(type: AxisType, values: readonly number[], before = 0.06, after = 0.06): Axis {
  return type === 'log' ? logAxis(values, before, after) : linearAxis([0, ...values], 0, after);
}

/** Around `values`, with `before` and `after` as shares of the axis left free for labels. */
export function linearAxis(values: readonly number[], before = 0.06, after = 0.06): Axis {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = finite.length === 0 ? 0 : Math.min(...finite);
  const high = finite.length === 0 ? 1 : Math.max(...finite);
  const full = (high > low ? high - low : Math.abs(high) || 1) / (1 - before - after);
  const extent = { low: low - before * full, high: low + (1 - before) * full };
  return { type: 'linear', ...extent, ticks: linearTicks(extent.low, high + Math.min(after, 0.15) * full) };
}

/** Around `values`, with `before` and `after` as shares of the axis left free for labels. */
export function logAxis(values: readonly number[], before = 0.06, after = 0.06): Axis {
  const finite = values.filter((value) => Number.isFinite(value) && value > 0);
  let low = Math.log10(Math.min(...finite));
  let high = Math.log10(Math.max(...finite));
  if (finite.length === 0) [low, high] = [0, 1];
  // One value, or nearly: a factor of 1.6 keeps the axis from magnifying nothing.
  const span = Math.max(high - low, 0.2);
  const slack = (span - (high - low)) / 2;
  const full = span / (1 - before - after);
  const extent = { low: 10 ** (low - slack - before * full), high: 10 ** (high + slack + after * full) };
  // No ticks far beyond the data, where there are only labels.
  const lastTick = 10 ** (high + slack + Math.min(after, 0.15) * full);
  return { type: 'log', ...extent, ticks: logTicks(extent.low, lastTick) };
}

/** Share of the axis, 0 at its low end. */
export function axisPosition({ type, low, high }: Axis, value: number): number {
  return type === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The value at a share of the axis: the inverse of `axisPosition`. */
export function axisValue({ type, low, high }: Axis, share: number): number {
  return type === 'log' ? low * (high / low) ** share : low + share * (high - low);
}

/** The coarsest of the usual sequences that shows at least four ticks; linear steps within less than an octave. */
function logTicks(low: number, high: number): number[] {
  for (const mantissas of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const ticks = decadeTicks(low, high, mantissas);
    if (ticks.length >= 4) return ticks;
  }
  return linearTicks(low, high);
}

function linearTicks(low: number, high: number): number[] {
  const step = niceStep((high - low) / 6);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(6)),
  );
}

function decadeTicks(low: number, high: number, mantissas: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++) {
    for (const mantissa of mantissas) {
      const tick = Number((mantissa * 10 ** decade).toPrecision(6));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function niceStep(roughly: number): number {
  const decade = 10 ** Math.floor(Math.log10(roughly));
  return ([1, 2, 2.5, 5, 10].find((mantissa) => mantissa * decade >= roughly) ?? 10) * decade;
}
