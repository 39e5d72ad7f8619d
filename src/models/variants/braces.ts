import { EcfxError } from '../../errors.ts';

const mostNames = 1000;

/**
 * Expands brace ranges and lists as a shell would: `b{0..2}:g{1,16}` → six names, the last brace turning fastest.
 * Throws `EcfxError` (usage) on a brace that is not closed, an empty one, or more than a thousand names.
 */
export function expandBraces(pattern: string): string[] {
  let names = [''];
  let rest = pattern;
  for (;;) {
    const open = rest.indexOf('{');
    const text = open < 0 ? rest : rest.slice(0, open);
    if (text.includes('}')) throw malformed(pattern, 'a } without {');
    if (open < 0) return names.map((name) => name + text);
    const close = rest.indexOf('}', open);
    if (close < 0) throw malformed(pattern, 'a { without }');
    const choices = expandChoices(rest.slice(open + 1, close), pattern);
    if (names.length * choices.length > mostNames) throw malformed(pattern, `more than ${mostNames} names`);
    names = names.flatMap((name) => choices.map((choice) => name + text + choice));
    rest = rest.slice(close + 1);
  }
}

function expandChoices(inside: string, pattern: string): string[] {
  const range = /^(\d{1,6})\.\.(\d{1,6})$/.exec(inside);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (Math.abs(to - from) >= mostNames) throw malformed(pattern, `more than ${mostNames} names`);
    const step = to < from ? -1 : 1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => String(from + step * index));
  }
  if (inside.trim() === '' || inside.includes('{')) throw malformed(pattern, 'an empty or nested brace');
  return inside.split(',');
}

function malformed(pattern: string, why: string): EcfxError {
  return new EcfxError('usage', `${pattern}: ${why}`, {
    suggestions: ['Write a range as {0..5} and a list as {1,16}, for example efficientnet-b{0..5}:g{1,16}.'],
  });
}
