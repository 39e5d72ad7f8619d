import type { BenchRow } from '../results/schema.ts';
import { fewestRounds } from './statistics/verdict.ts';

/**
 * What keeps the rows of a result from proving anything, whatever their intervals say, one sentence each: too few
 * rounds, a program in the place of a graphics card. They are among the warnings of the result; the page has them in its
 * red banner.
 */
export function reservations(rows: readonly BenchRow[]): string[] {
  const measured = rows.filter((row) => row.rounds > 0);
  const rounds = Math.min(...measured.map((row) => row.rounds));
  const software = measured.flatMap(({ engine, device, hardware }) =>
    hardware?.isSoftware
      ? [
          `${engine} on ${device} is software (${hardware.name ?? 'unnamed'}): its speed says nothing about a graphics card.`,
        ]
      : [],
  );
  return [
    ...(rounds < fewestRounds
      ? [
          `A first look (screening) with ${rounds} round${rounds === 1 ? '' : 's'}: no verdicts; they need six rounds or more.`,
        ]
      : []),
    ...new Set(software),
  ];
}
