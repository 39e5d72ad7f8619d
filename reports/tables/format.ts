/**
 * How numbers look, in the terminal and in figures alike. The unit is chosen by the caller: `formatSi(3.9e8, 'MAC')`
 * is `386 MMAC`, `inUnit(3.9e8, 1e9)` is `0.386` for a column that is headed GMAC.
 */
import type { Estimate } from '../../src/results/schema.ts';

/** What stands for a number that is not known. Never 0. */
export const unknown = '–';

const siPrefixes = [
  { factor: 1e15, prefix: 'P' },
  { factor: 1e12, prefix: 'T' },
  { factor: 1e9, prefix: 'G' },
  { factor: 1e6, prefix: 'M' },
  { factor: 1e3, prefix: 'k' },
  { factor: 1, prefix: '' },
  { factor: 1e-3, prefix: 'm' },
  { factor: 1e-6, prefix: 'µ' },
  { factor: 1e-9, prefix: 'n' },
] as const;

/** `digits` significant digits, never in exponent notation, digits before the point never rounded away. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return unknown;
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const decimals = digits - 1 - Math.floor(Math.log10(Math.abs(rounded)));
  return decimals > 0 ? value.toFixed(Math.min(decimals, 100)) : String(Math.round(value));
}

/** In a unit `factor` times as large: the number of a column whose heading names the unit. */
export function inUnit(value: number | null, factor: number, digits = 3): string {
  return value === null ? unknown : significant(value / factor, digits);
}

/** With an SI prefix: `386 MMAC`, `1.2 ms`. */
export function formatSi(value: number | null, unit: string, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return unknown;
  // Rounded first: 999.9 is 1.00 k, not 1000.
  const magnitude = Math.abs(Number(value.toPrecision(digits)));
  const scale = siPrefixes.find(({ factor }) => magnitude >= factor) ?? { factor: 1, prefix: '' };
  return `${significant(value / scale.factor, digits)} ${scale.prefix}${unit}`.trimEnd();
}

/** Decimal megabytes and gigabytes, as memory of a process: `412 MB`. */
export function formatBytes(value: number | null): string {
  return formatSi(value, 'B');
}

/** `188 ms`, `2.4 s`, `3 min 05 s`, `36 h 15 min`. */
export function formatSeconds(value: number | null): string {
  if (value === null) return unknown;
  if (value < 60) return formatSi(value, 's');
  const seconds = Math.round(value);
  const minutes = Math.round(value / 60);
  if (minutes >= 100)
    return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** All digits, grouped: `5,288,548`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1.64×`. Two decimals up to 10, as for published speed-ups, so that 1.00× and 0.98× can be told apart. */
export function formatRatio(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return unknown;
  const magnitude = Math.abs(value);
  return `${magnitude >= 0.1 && magnitude < 10 ? value.toFixed(2) : significant(value)}×`;
}

/** Accuracy in per cent: `79.10 %`. */
export function formatPercent(value: number): string {
  return `${value.toFixed(2)} %`;
}

/** A fraction in per cent, two digits: `1 %`, `2.3 %`, `14 %`. */
export function formatShare(fraction: number): string {
  return `${String(Number((100 * fraction).toPrecision(2)))} %`;
}

/** Decimals that show two digits of an interval's half-width (its error), and no more. */
function decimalsOfError(halfWidth: number): number {
  if (!(halfWidth > 0)) return 2;
  return Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(halfWidth))));
}

/**
 * An estimate with its interval, in a unit `factor` times as large: `85.2 ± 0.6`, or `85 [79, 99]` where the interval
 * is so lopsided that one number would misstate it, or the bare estimate where there is none.
 */
export function formatInterval({ estimate, low, high }: Estimate, factor = 1): string {
  if (low === null || high === null) return significant(estimate / factor);
  const below = (estimate - low) / factor;
  const above = (high - estimate) / factor;
  const halfWidth = (below + above) / 2;
  const isLopsided = Math.abs(above - below) > 0.2 * (above + below);
  // The shorter side must still be seen: `2.4 [1.1, 6.2]`, not `2 [1, 6]`.
  const error = isLopsided ? Math.max(Math.min(below, above), halfWidth / 10) : halfWidth;
  // One digit of error is enough in a table; two where it begins with 1, so that 1.4 is not 1.
  const leadingDigit = error > 0 ? Number(error.toExponential(1)[0]) : 0;
  const decimals = Math.max(0, decimalsOfError(error) - (leadingDigit > 1 ? 1 : 0));
  const show = (value: number): string => (value / factor).toFixed(decimals);
  return isLopsided
    ? `${show(estimate)} [${show(low)}, ${show(high)}]`
    : `${show(estimate)} ± ${halfWidth.toFixed(decimals)}`;
}

/** `1.23× (1.19–1.27)` or, without an interval, `1.23×`. */
export function formatRatioInterval({ estimate, low, high }: Estimate): string {
  if (low === null || high === null) return formatRatio(estimate);
  return `${formatRatio(estimate)} (${formatRatio(low).slice(0, -1)}–${formatRatio(high).slice(0, -1)})`;
}
