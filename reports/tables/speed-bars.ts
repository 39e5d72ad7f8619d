/** Speeds as bars in the terminal: full up to the lower end of the interval, half-tone over the interval. */
import type { BenchResult, BenchRow, Estimate } from '../../src/results/schema.ts';
import { describeSetting, groupBySetting } from '../setting.ts';
import { variantLabel } from '../variant-label.ts';
import { formatInterval } from './format.ts';

const barWidth = 36;
const nameWidth = 24;

type MeasuredRow = BenchRow & { readonly throughput: Estimate };

/** A block of lines for each setting in which two or more were measured; empty when there is none. */
export function speedBars({ rows }: BenchResult): string {
  return groupBySetting(rows)
    .flatMap(({ rows: own, setting }) => {
      const measured = own.filter((row): row is MeasuredRow => row.throughput !== undefined);
      if (measured.length < 2) return [];
      const longest = Math.max(...measured.map(({ throughput: { estimate, high } }) => high ?? estimate));
      const lines = measured.map(
        ({ variant, throughput }) =>
          `${name(variant)} ${bar(throughput, longest)} ${formatInterval(throughput)}`,
      );
      return [[`images per second, ${describeSetting(setting)}`, ...lines].join('\n')];
    })
    .join('\n\n');
}

function name(variant: string): string {
  const label = variantLabel(variant);
  return label.length > nameWidth ? `${label.slice(0, nameWidth - 1)}…` : label.padEnd(nameWidth);
}

function bar({ estimate, low, high }: Estimate, longest: number): string {
  const cells = (value: number): number => Math.round((barWidth * value) / longest);
  const [from, to] = [cells(Math.max(0, low ?? estimate)), cells(high ?? estimate)];
  return `${'█'.repeat(from)}${'▒'.repeat(Math.max(0, to - from))}`.padEnd(barWidth);
}
