import { expect, test } from 'vitest';
import { drawFigureFiles } from '../../../reports/files/draw-figures.ts';
import { renderPng } from '../../../reports/render/png.ts';
import { sampleBenchResult } from '../../support/sample-bench-result.ts';
import { studySample } from '../../support/study-sample.ts';

const text = (content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="5" y="25" font-family="system-ui, Arial, sans-serif" font-size="20">${content}</text></svg>`;

test('text is drawn, in the font of the package, and the same twice', async () => {
  const [letters, again, nothing] = await Promise.all(
    ['G16', 'G16', ''].map((each) => renderPng(text(each))),
  );
  expect(Buffer.from(letters!.subarray(1, 4)).toString()).toBe('PNG');
  expect(Buffer.compare(letters!, again!)).toBe(0);
  expect(letters!.length).toBeGreaterThan(2 * nothing!.length);
});

test('every figure is a file with its title, without variables of the page', async () => {
  const background = { study: studySample(), trainingCounts: new Map() };
  const ids: string[] = [];
  for await (const { id, svg } of drawFigureFiles(sampleBenchResult(), background)) {
    ids.push(id);
    expect(svg).not.toContain('var(--');
    expect(svg).toContain('role-title');
  }
  expect(ids).toContain('front-page-inference');
});
