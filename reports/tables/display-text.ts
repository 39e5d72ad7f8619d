/**
 * Names from result files are data that anybody may have written. Control characters could drive a terminal and
 * bidirectional overrides reorder the text around them, so both are shown by their code point; very long names are
 * cut. Markup is not touched here: each output escapes for itself.
 */
const dangerous =
  // C0 and C1 controls, soft hyphen, zero-width and bidirectional marks, line and paragraph separators, BOM, and
  // halves of surrogate pairs, which cannot be written as UTF-8.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;

export function displayText(name: string, maximumLength = 80): string {
  const visible = name
    .slice(0, 4 * maximumLength)
    .replace(
      dangerous,
      (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
  const characters = Array.from(visible);
  const isCut = characters.length > maximumLength || name.length > 4 * maximumLength;
  return isCut ? `${characters.slice(0, maximumLength - 1).join('')}…` : visible;
}
