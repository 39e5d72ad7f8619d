/** What is wrong with a page's layout, found in the page itself; each a list of descriptions that should be empty. */
import type { Page } from 'playwright-core';

export interface LayoutFaults {
  /** Pixels that the page is wider than its window. */
  readonly tooWide: number;
  /** Texts of drawings that stick out of them, which clip. */
  readonly clipped: readonly string[];
  /** Boxes of the page whose content sticks out of them, other than those that scroll. */
  readonly burst: readonly string[];
  /** Texts of one drawing that cover each other. */
  readonly overlappingTexts: readonly string[];
  /** Parts of the page that cover each other. */
  readonly overlappingBlocks: readonly string[];
}

export const noFaults: LayoutFaults = {
  tooWide: 0,
  clipped: [],
  burst: [],
  overlappingTexts: [],
  overlappingBlocks: [],
};

/** Measures what is visible now. */
export function layoutFaults(page: Page): Promise<LayoutFaults> {
  return page.evaluate<LayoutFaults>(`(${faults})()`);
}

/**
 * Runs in the page. Texts are compared as they stand, turned or not (separating axes); their boxes are higher than their
 * letters, so a fifth of a line may be shared. A text that is drawn twice in one place is its own halo.
 */
const faults = `() => {
  const box = (element) => element.getBoundingClientRect();
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && box(element).width > 0;
  const covers = (a, b, by) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > by && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;
  const pairs = (elements, by, name) => {
    const boxes = elements.map((element) => [element, box(element)]);
    return boxes.flatMap(([one, first], index) =>
      boxes.slice(index + 1).filter(([, second]) => covers(first, second, by)).map(([other]) => name(one) + ' / ' + name(other)));
  };
  const nameOf = (element) => element.tagName + '.' + element.className + ' ' + element.textContent.trim().slice(0, 40);
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox();
    const matrix = text.getScreenCTM();
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map(([a, b]) => new DOMPoint(a, b).matrixTransform(matrix));
  };
  const gap = (one, other) => Math.max(...[one, other].flatMap((quad) =>
    [[quad[0], quad[1]], [quad[1], quad[2]]].map(([from, to]) => {
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
      const along = (points) => points.map(({ x, y }) => (x * (to.x - from.x) + y * (to.y - from.y)) / length);
      const [a, b] = [along(one), along(other)];
      return Math.max(Math.min(...a) - Math.max(...b), Math.min(...b) - Math.max(...a));
    })));
  const heightOf = ([from, , , to]) => Math.hypot(to.x - from.x, to.y - from.y);
  const overlapping = (texts) => {
    const quads = texts.map((text) => [text.textContent, corners(text)]);
    return quads.flatMap(([name, quad], index) =>
      quads.slice(index + 1)
        .filter(([other, second]) => gap(quad, second) < -0.2 * Math.min(heightOf(quad), heightOf(second)) && !(name === other && Math.hypot(quad[0].x - second[0].x, quad[0].y - second[0].y) < 1))
        .map(([other]) => name + ' / ' + other));
  };
  const drawings = [...document.querySelectorAll('.chart svg')].filter(isShown).map((svg) => {
    const id = svg.closest('.chart').dataset.figure;
    const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim() !== '' && isShown(text));
    return { id, frame: box(svg), texts };
  });
  const sticksOut = (frame) => (text) => {
    const { left, right, top, bottom } = box(text);
    return left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
  };
  const parts = 'header > *, main > *, section > *, figure > *, .numbers > *, .facts > *, .facts dl > div > *, .verdicts li > *, .other-findings > *, footer > *';
  const families = new Map();
  for (const part of document.querySelectorAll(parts)) {
    if (!isShown(part) || getComputedStyle(part).position === 'sticky') continue;
    families.set(part.parentElement, [...(families.get(part.parentElement) ?? []), part]);
  }
  const inside = (selector) => (element) => element.closest(selector) !== null;
  return {
    tooWide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    clipped: drawings.flatMap(({ id, frame, texts }) => texts.filter(sticksOut(frame)).map((text) => id + ': ' + text.textContent)),
    burst: [...document.querySelectorAll('body *')]
      .filter((element) => isShown(element) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
      .filter((element) => !inside('svg, .scroll, .chart.wide, select')(element))
      .map(nameOf),
    overlappingTexts: drawings.flatMap(({ id, texts }) => [...new Set(overlapping(texts))].map((pair) => id + ': ' + pair)),
    overlappingBlocks: [...families.values()].flatMap((family) => pairs(family, 1, nameOf)),
  };
}`;
