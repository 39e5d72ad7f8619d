/** What every text of the page's figures is set in; the page's stylesheet says it once for all of them. */
import { fontStack } from '../render/theme.ts';
import { escapeHtml } from './escape.ts';

const repeated: readonly (readonly [RegExp | string, string])[] = [
  // The figure around it is announced as one image.
  [/ aria-hidden="true"/g, ''],
  [` font-family="${escapeHtml(fontStack).replaceAll('&#39;', "'")}"`, ''],
  [/ opacity="1"/g, ''],
  // The page always defines its variables.
  [/var\((--[a-z0-9-]+), #[0-9a-f]{6}\)/g, 'var($1)'],
];

/** A drawing less what its page says anyway, and to a tenth of a pixel: half as long. Texts stay as they are. */
export function compactSvg(svg: string): string {
  return svg.replace(/<[^>]+>/g, (tag) => {
    const short = repeated.reduce((text, [what, instead]) => text.replaceAll(what, instead), tag);
    return short.replace(/ (transform|d|x|y|x1|x2|y1|y2|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{2,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(1)))),
    );
  });
}
