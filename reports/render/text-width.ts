/**
 * Widths of text where there is no browser to ask. Vega's own guess (0.8 em a character) is up to 64 % too wide, which
 * costs margins and drops labels for overlaps that are not there; this table is the same on every machine.
 */

/** Advance widths of Helvetica, 1/1000 em, from space to tilde (Adobe Font Metrics). */
// prettier-ignore
const helveticaAdvances = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
  556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
  1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
  333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
  556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/** System fonts (Segoe UI, Roboto, Noto Sans) run between Helvetica's width and a tenth more. */
const systemFontAllowance = 1.06;
const boldAllowance = 1.07;
/** Characters outside ASCII: about those of CJK and emoji, so that too little room is never kept. */
const otherAdvance = 1000;
/** General punctuation and Latin letters with marks are about as wide as digits. */
const latinAdvance = 600;

/** Pixels. */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let advance = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    advance += helveticaAdvances[code - 0x20] ?? (code < 0x2100 ? latinAdvance : otherAdvance);
  }
  return (advance / 1000) * fontSize * systemFontAllowance * (isBold ? boldAllowance : 1);
}
