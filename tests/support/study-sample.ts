import { readFileSync } from 'node:fs';
import type { StudyPoint } from '../../reports/figures/front-page.ts';

/**
 * The study's points with FLOPs as digitised (read off the left panel, about 3 % high). The program counts them
 * instead; for tests of figures this is near enough and needs no model code.
 */
export function studySample(): StudyPoint[] {
  const csv = readFileSync(new URL('../../fixtures/front-page-figure.csv', import.meta.url), 'utf8');
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [series = '', size = '', , gigaMacs = '', , top1 = '', occluded = ''] = line.split(',');
      return {
        // As the configurations are named; the picture's legend writes LN+PN.
        series: series.replace('LN+PN', 'LN_PN'),
        size: size.toLowerCase(),
        variant: `${series}/${size}`,
        flops: 2e9 * Number(gigaMacs),
        top1: Number(top1),
        error: occluded === 'no' ? 0.02 : 0.05,
      };
    });
}
