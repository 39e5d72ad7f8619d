/** Escaping for the places of the page where text of unknown origin ends up. Each place has its own rules. */
import { displayText } from '../tables/display-text.ts';

/** For text between tags and in double-quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The same for names and messages from a result: invisible characters shown, length bounded. */
export function escapeText(text: string, maximumLength = 2000): string {
  return escapeHtml(displayText(text, maximumLength));
}

/**
 * For the inside of `<script type="application/json">`: no `<`, so that neither `</script` nor `<!--` can occur, and
 * none of the two line separators that old JavaScript parsers reject. `JSON.parse` gives back the very same data.
 */
export function escapeJson(data: unknown): string {
  return JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** For the inside of `<script>`: what would end it or begin a comment is broken up; in strings it means the same. */
export function escapeScript(script: string): string {
  return script.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}
