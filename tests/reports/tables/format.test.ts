import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatInterval,
  formatRatio,
  formatRatioInterval,
  formatSeconds,
  formatSi,
  inUnit,
  significant,
} from '../../../reports/tables/format.ts';

describe('format', () => {
  test.each([
    [0.385814752, '0.386'],
    [85.197, '85.2'],
    [9.999, '10.0'],
    [999.9, '1000'],
    [12345.6, '12346'],
    [0, '0'],
    [-0.01234, '-0.0123'],
    [NaN, '–'],
  ])('significant(%d) is %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });

  test.each([
    [385_814_752, 'MAC', '386 MMAC'],
    [999_900_000, 'FLOP', '1.00 GFLOP'],
    [0.00123, 's', '1.23 ms'],
    [15, 's', '15.0 s'],
    [null, 's', '–'],
  ])('formatSi(%d, %s) is %s', (value, unit, text) => {
    expect(formatSi(value, unit)).toBe(text);
  });

  test('units, bytes, durations, counts, ratios', () => {
    expect(inUnit(385_814_752, 1e9)).toBe('0.386');
    expect(inUnit(null, 1e9)).toBe('–');
    expect(formatBytes(412_000_000)).toBe('412 MB');
    expect(formatSeconds(0.188)).toBe('188 ms');
    expect(formatSeconds(185.2)).toBe('3 min 05 s');
    expect(formatSeconds(36.251 * 3600)).toBe('36 h 15 min');
    expect(formatCount(5_288_548)).toBe('5,288,548');
    expect(formatRatio(1.6449)).toBe('1.64×');
    expect(formatRatio(38.74)).toBe('38.7×');
    expect(formatRatio(0.0123)).toBe('0.0123×');
    expect(formatRatioInterval({ estimate: 1.23, low: 1.19, high: 1.271 })).toBe('1.23× (1.19–1.27)');
  });

  test.each([
    [{ estimate: 85.197, low: 84.6, high: 85.8 }, '85.2 ± 0.6'],
    [{ estimate: 145.06, low: 143.3, high: 146.8 }, '145.1 ± 1.8'],
    [{ estimate: 82.389, low: 81.4, high: 83.378 }, '82.4 ± 1.0'],
    [{ estimate: 85, low: 79, high: 99 }, '85 [79, 99]'],
    [{ estimate: 85.2, low: null, high: null }, '85.2'],
    [{ estimate: 85, low: 85, high: 85 }, '85.00 ± 0.00'],
    [{ estimate: 2.38, low: 1.12, high: 6.2 }, '2.4 [1.1, 6.2]'],
    [{ estimate: 18.1, low: 4.2, high: 77 }, '18 [4, 77]'],
  ])('formatInterval(%o) is %s', (estimate, text) => {
    expect(formatInterval(estimate)).toBe(text);
  });

  test('keeps the value to half a unit of its last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
        expect(Math.abs(Number(significant(value)) - value)).toBeLessThanOrEqual(0.006 * value);
      }),
    );
  });
});
