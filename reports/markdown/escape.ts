import { displayText } from '../tables/display-text.ts';

/** Breaks up what would otherwise become a link or a call; without width, so that it reads as before. */
const gap = '&#8203;';

/**
 * Text of unknown origin as text of GitHub's Markdown: it neither ends a table's cell or begins markup, nor becomes a
 * link, and it calls nobody (`@name`) and refers to nothing (`#12`, `GH-12`).
 */
export function escapeMarkdown(text: string, maximumLength = 400): string {
  return (
    displayText(text, maximumLength)
      .trim()
      .replace(/[\\`*_[\]<>|#~&$]/g, (character) => `\\${character}`)
      // What begins a list or a rule.
      .replace(/^[-+=](?=\s|$|[-=])/, '\\$&')
      .replace(/^(\d+)(?=[.)](?:\s|$))/, '$1\\')
      .replaceAll('://', ':\\//')
      .replace(/(www)\./gi, '$1\\.')
      // After a word it calls nobody, but may make an address; a resolution, `b0@half`, stays as it is.
      .replace(/(?<!\w)@|@(?!\w+(?![\w.-]))/g, `@${gap}`)
      .replace(/(?<=\\#|\bGH-)(?=\d)/gi, gap)
  );
}
