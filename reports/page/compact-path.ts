/** The `d` of an SVG path in relative coordinates, to a tenth of a pixel: about half as long as Vega writes it. */
export function compactPath(path: string): string {
  const steps = stepsOf(path);
  let text = '';
  let previous = '';
  // Relative to what was written, not to what was meant, so that what is rounded off does not add up.
  let [x, y] = [0, 0];
  let [startX, startY] = [0, 0];
  for (const { command, shape, points } of steps) {
    if (command === 'z') {
      text += 'z';
      [x, y, previous] = [startX, startY, 'z'];
      continue;
    }
    const tenths = points.map((value) => Math.round(10 * value));
    const offsets = tenths.map((value, index) => value - (index % 2 === 0 ? x : y));
    const [dx, dy] = offsets.slice(-2) as [number, number];
    [x, y] = tenths.slice(-2) as [number, number];
    if (command === 'm') [startX, startY] = [x, y];
    // Where the pen is already; a line that goes nowhere else may be a dot.
    if (command === 'l' && dx === 0 && dy === 0 && steps.length > 2) continue;
    const isStraight = command === 'l' && (dx === 0 || dy === 0);
    const letter = isStraight ? (dy === 0 ? 'h' : 'v') : command;
    const numbers = [...shape, ...(isStraight ? [dx || dy] : offsets).map((offset) => offset / 10)];
    // Lines follow a move, and each command itself, without being named.
    const isNamed = letter !== previous && !(letter === 'l' && previous === 'm');
    text += (isNamed ? letter : '') + listOf(numbers, isNamed);
    previous = letter;
  }
  return text;
}

interface Step {
  /** Lower case. */
  readonly command: string;
  /** Of an arc: radii, rotation, flags. */
  readonly shape: readonly number[];
  /** x and y in turn, absolute, in pixels. */
  readonly points: readonly number[];
}

/** How many numbers a command takes at a time. */
const arity: Readonly<Record<string, number>> = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7 };

function stepsOf(path: string): Step[] {
  let [x, y] = [0, 0];
  let [startX, startY] = [0, 0];
  return [...path.matchAll(/([mlhvcsqtaz])([^mlhvcsqtaz]*)/gi)].flatMap(([, given = '', list = '']) => {
    const command = given.toLowerCase();
    if (command === 'z') {
      [x, y] = [startX, startY];
      return [{ command, shape: [], points: [] }];
    }
    const numbers = list.match(/-?\d*\.?\d+(?:e[-+]?\d+)?/gi)?.map(Number) ?? [];
    const length = arity[command]!;
    return Array.from({ length: numbers.length / length }, (_, index): Step => {
      const own = numbers.slice(index * length, (index + 1) * length);
      const [originX, originY] = given === command ? [x, y] : [0, 0];
      const shape = command === 'a' ? own.splice(0, 5) : [];
      const points =
        command === 'h'
          ? [originX + own[0]!, y]
          : command === 'v'
            ? [x, originY + own[0]!]
            : own.map((value, place) => value + (place % 2 === 0 ? originX : originY));
      [x, y] = points.slice(-2) as [number, number];
      if (command === 'm') [startX, startY] = [x, y];
      return { command: command === 'h' || command === 'v' ? 'l' : command, shape, points };
    });
  });
}

/** Numbers one after the other, apart only where they would run together. */
function listOf(numbers: readonly number[], isFirst: boolean): string {
  return numbers
    .map((number, index) => {
      const text = String(number).replace(/^(-?)0\./, '$1.');
      return (isFirst && index === 0) || text.startsWith('-') ? text : ` ${text}`;
    })
    .join('');
}
