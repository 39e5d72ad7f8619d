import { displayText } from './tables/display-text.ts';

/** Short enough for a label, and still a name that ecfx accepts: `b0@half:g16,e4,ln+pn`. */
export function variantLabel(variant: string): string {
  return displayText(variant.replace(/^efficientnet-(?=(?:b\d|l2)(?:$|[@:]))/, ''));
}

/** `B0`, the point's place on its family's curve; the label where the family has no sizes. */
export function sizeLabel(variant: string): string {
  const size = /^(?:efficientnet-)?(b\d|l2)(?=$|[@:])/i.exec(variant)?.[1];
  return size === undefined ? variantLabel(variant) : size.toUpperCase();
}

/** All of a name but its size, which is what a curve is drawn through: `@half:g16,e4,ln+pn`; `plain` when nothing. */
export function familyLabel(variant: string): string {
  const rest = variant.replace(/^(?:efficientnet-)?(?:b\d|l2)(?=$|[@:])/i, '');
  if (rest === '') return 'plain';
  return displayText(rest.startsWith(':') ? rest.slice(1) : rest);
}
