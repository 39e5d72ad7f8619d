import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { relativeError } from '../engines/support.ts';
import type { Fill } from './fills.ts';

interface GoldenFile {
  readonly source: { readonly implementation: string; readonly script: string };
  /** Values by case and quantity. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const path = new URL('../../fixtures/golden/gradients.json', import.meta.url);

/** What scripts/golden-gradients.py made of the same formulas with another implementation. */
export const golden = JSON.parse(readFileSync(path, 'utf8')) as GoldenFile;

/** The script's `fill`: the sine of a formula of the name and the index; around 1 for gains. */
export const goldenFill: Fill = (length, name) => {
  const phase = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  const centre = /(scale|gamma|ariance|Square|labels)$/.test(name) ? 1 : 0;
  return Float64Array.from(
    { length },
    (_, index) => centre + 0.5 * Math.sin(phase + 0.9 * index + 0.013 * index * index),
  );
};

/** The script's soft labels: filled, and divided by their sum per row. */
export const goldenLabels =
  (classes: number): Fill =>
  (length) => {
    const values = goldenFill(length, 'labels');
    const total = (row: number) =>
      values.subarray(row * classes, (row + 1) * classes).reduce((sum, value) => sum + value, 0);
    return values.map((value, index) => value / total(Math.floor(index / classes)));
  };

/** Expects the same quantities as the file has, each to 10⁻⁸ of its largest element. */
export function expectGolden(name: string, actual: ReadonlyMap<string, ArrayLike<number>>): void {
  const expected = golden.cases[name]!;
  expect([...actual.keys()].sort()).toEqual(Object.keys(expected).sort());
  for (const [quantity, values] of actual)
    expect(relativeError(values, expected[quantity]!), quantity).toBeLessThan(1e-8);
}
