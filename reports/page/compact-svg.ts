/** What every text of the page's figures is set in; the page's stylesheet says it once for all of them. */
import { fontStack } from '../render/theme.ts';
import { escapeHtml } from './escape.ts';

const repeated: readonly (readonly [RegExp | string, string])[] = [
  // The figure around it is announced as one image.
  [/ aria-hidden="true"/g, ''],
  [` font-family="${escapeHtml(fontStack).replaceAll('&#39;', "'")}"`, ''],
  [/ opacity="1"/g, ''],
  [/ pointer-events="none"/g, ''],
  [/(class="mark-\w+ role-[\w-]+) [\w ]+"/g, '$1"'],
  // Vega's axes have frames that nobody sees.
  [/<path class="(?:foreground|background)" d="(?:M0,0h0v0h0Z)?"[^>]*\/>/g, ''],
  // The page always defines its variables.
  [/var\((--[a-z0-9-]+), #[0-9a-f]{6}\)/g, 'var($1)'],
];

/** A drawing less what its page says anyway, and to a tenth of a pixel, what all marks of a group share said once: a third as long. Texts stay as they are. */
export function compactSvg(svg: string): string {
  const short = svg.replace(/<[^>]+>/g, (tag) => {
    const plain = repeated.reduce((text, [what, instead]) => text.replaceAll(what, instead), tag);
    return plain.replace(/ (transform|d|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{2,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(1)))),
    );
  });
  return short.replace(markGroup, (group, opening: string, marks: string) => {
    const all = marks.match(mark) ?? [];
    const shared = (all[0]?.match(inherited) ?? []).filter((attribute) =>
      all.every((each) => each.includes(attribute)),
    );
    if (all.length < 2 || shared.length === 0) return group;
    const rest = marks.replace(mark, (each) =>
      shared.reduce((text, attribute) => text.replace(attribute, ''), each),
    );
    return `${opening}${shared.join('')}>${rest}</g>`;
  });
}

/** Marks of one kind, and what a mark may leave to the group that it is in. */
const markGroup =
  /(<g class="mark-[^>]*)>((?:<(?:path|line|text)\b[^>]*(?:\/>|>[^<]*<\/(?:path|line|text)>))+)<\/g>/g;
const mark = /<(?:path|line|text)\b[^>]*>/g;
const inherited =
  / (?:fill|stroke|stroke-width|stroke-opacity|fill-opacity|stroke-dasharray|stroke-linecap|font-size|font-weight|text-anchor)="[^"]*"/g;
