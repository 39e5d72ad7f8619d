/**
 * A drawing of Vega's as the page carries it, a third as long: without what its page says anyway, to a tenth of a pixel, and what
 * all marks of a group have in common said once, by the group. It looks the same.
 */
import { groupBy } from '../group-by.ts';
import { compactPath } from './compact-path.ts';

interface Element {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (Element | string)[];
}

/** `id` becomes part of the names inside of the drawing: the page has several drawings, and its script makes more. */
export function compactSvg(svg: string, id: string): string {
  const root = parseSvg(svg);
  const clips = clipNames(root, id);
  return write(withSharedAttributes(simplify(root, clips)));
}

/** Vega's output is well-formed, has no comments, and escapes `<` and `>` in texts and attributes. */
function parseSvg(svg: string): Element {
  const open: Element[] = [{ name: '', attributes: new Map(), children: [] }];
  for (const [text, end, name, list = '', isEmpty] of svg.matchAll(
    /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|[^<]+/g,
  )) {
    if (end === '/') {
      open.pop();
    } else if (name === undefined) {
      open.at(-1)!.children.push(text);
    } else {
      const attributes = new Map(
        [...list.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
      );
      const element = { name, attributes, children: [] };
      open.at(-1)!.children.push(element);
      if (isEmpty !== '/') open.push(element);
    }
  }
  return open[0]!.children[0] as Element;
}

/** Equal clips get one name, which no other drawing of the page has. */
function clipNames(root: Element, id: string): ReadonlyMap<string, string> {
  const shapes = new Map<string, string>();
  const names = new Map<string, string>();
  const collect = ({ name, attributes, children }: Element): void => {
    if (name === 'clipPath') {
      const shape = children.map((child) => (typeof child === 'string' ? child : write(child))).join('');
      if (!shapes.has(shape)) shapes.set(shape, `${id}-clip-${String(shapes.size)}`);
      names.set(attributes.get('id') ?? '', shapes.get(shape)!);
    }
    for (const child of children) if (typeof child !== 'string') collect(child);
  };
  collect(root);
  return names;
}

function simplify({ name, attributes, children }: Element, clips: ReadonlyMap<string, string>): Element {
  const parts = children
    .filter((child) => typeof child === 'string' || !isUnseen(child))
    .map((child) => (typeof child === 'string' ? child : simplify(child, clips)))
    .flatMap((child) => (isBareGroup(child) ? child.children : [child]));
  return inFewerWords({
    name,
    attributes: simplifyAttributes(name, attributes, clips),
    children: merge(parts),
  });
}

/** Frames that Vega draws around groups, without a colour. */
function isUnseen({ name, attributes }: Element): boolean {
  return (
    name === 'path' &&
    /^(?:background|foreground)$/.test(attributes.get('class') ?? '') &&
    (attributes.get('d') === 'M0,0h0v0h0Z' || !(attributes.has('fill') || attributes.has('stroke')))
  );
}

function isBareGroup(child: Element | string): child is Element {
  return typeof child !== 'string' && child.name === 'g' && child.attributes.size === 0;
}

/** Groups that follow each other and say the same, such as one a line, become one; transparent ones stay apart. */
function merge(children: readonly (Element | string)[]): (Element | string)[] {
  const merged: (Element | string)[] = [];
  const clips = new Set<string>();
  for (const child of children) {
    const last = merged.at(-1);
    if (typeof child !== 'string' && child.name === 'clipPath') {
      // Equal ones have the same name.
      if (clips.has(child.attributes.get('id') ?? '')) continue;
      clips.add(child.attributes.get('id') ?? '');
    }
    const isSame =
      typeof child !== 'string' &&
      typeof last === 'object' &&
      child.name === 'g' &&
      last.name === 'g' &&
      !child.attributes.has('opacity') &&
      attributeText(child.attributes) === attributeText(last.attributes);
    if (isSame) merged.splice(-1, 1, { ...last, children: [...last.children, ...child.children] });
    else merged.push(child);
  }
  return merged;
}

/** What the page's stylesheet says of all drawings, what HTML does not need, and what changes nothing. */
const superfluous: readonly RegExp[] = [
  /^(?:xmlns|xmlns:xlink|version|role|aria-[a-z]+|pointer-events|font-family)$/,
  /^opacity=1$/,
  /^transform=translate\(0,0\)$/,
  /^class=(?!.*role-mark)/,
];

function simplifyAttributes(
  name: string,
  attributes: ReadonlyMap<string, string>,
  clips: ReadonlyMap<string, string>,
): Map<string, string> {
  const simple = new Map<string, string>();
  for (const [key, value] of attributes) {
    if (superfluous.some((pattern) => pattern.test(key) || pattern.test(`${key}=${value}`))) continue;
    simple.set(key, shorten(name, key, value, clips));
  }
  return simple;
}

function shorten(name: string, key: string, value: string, clips: ReadonlyMap<string, string>): string {
  if (key === 'd') return compactPath(value);
  if (key === 'id' && name === 'clipPath') return clips.get(value) ?? value;
  if (key === 'clip-path') return value.replace(/(?<=^url\(#)[^)]*/, (clip) => clips.get(clip) ?? clip);
  // The page always defines its variables.
  if (value.startsWith('var(')) return value.replace(/, #[0-9a-f]{6}\)$/, ')');
  if (/^(?:transform|x|y|x1|x2|y1|y2|width|height)$/.test(key))
    return value.replace(/-?\d+\.\d{2,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(1))));
  return value;
}

/** Dots, lines and texts that are moved to their place, with the place in their own coordinates. */
function inFewerWords(element: Element): Element {
  const { name, attributes, children } = element;
  const { transform = '', d = '', x2 = '0', y2 = '0', ...rest } = Object.fromEntries(attributes);
  const [, x, y] = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/.exec(transform) ?? [];
  if (x === undefined || y === undefined) return element;
  const [, radius] = /^m([\d.]+) 0a\1 \1 0 1 1-[\d.]+ 0 \1 \1 0 1 1 [\d.]+ 0$/.exec(d) ?? [];
  if (name === 'path' && radius !== undefined)
    return {
      name: 'circle',
      attributes: new Map(Object.entries({ cx: x, cy: y, r: radius, ...rest })),
      children,
    };
  if (name === 'line')
    return {
      name: 'path',
      attributes: new Map(Object.entries({ d: compactPath(`M${x},${y}l${x2},${y2}`), ...rest })),
      children,
    };
  if (name === 'text' && children.every((child) => typeof child === 'string'))
    return { name, attributes: new Map(Object.entries({ x, y, ...rest })), children };
  return element;
}

/** What an element takes over from the group that it is in. */
const inherited =
  /^(?:fill|stroke|stroke-width|stroke-opacity|fill-opacity|stroke-dasharray|stroke-linecap|stroke-linejoin|font-size|font-weight|text-anchor)$/;

/** What every child of a group says for itself, the group says for most of them. */
function withSharedAttributes({ name, attributes, children }: Element): Element {
  const parts = children.map((child) => (typeof child === 'string' ? child : withSharedAttributes(child)));
  const elements = parts.filter((child) => typeof child !== 'string');
  const [first] = elements;
  if (name !== 'g' || first === undefined || elements.length < 2)
    return { name, attributes, children: parts };
  const own = new Map(attributes);
  for (const key of [...first.attributes.keys()].filter((each) => inherited.test(each))) {
    if (!elements.every((element) => element.attributes.has(key))) continue;
    const alike = groupBy(elements, (element) => element.attributes.get(key)!);
    const [value, most] = [...alike].reduce((best, each) => (each[1].length > best[1].length ? each : best));
    own.set(key, value);
    for (const element of most) element.attributes.delete(key);
  }
  return { name, attributes: own, children: parts };
}

function write({ name, attributes, children }: Element): string {
  const content = children.map((child) => (typeof child === 'string' ? child : write(child))).join('');
  const start = `<${name}${attributeText(attributes)}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

function attributeText(attributes: ReadonlyMap<string, string>): string {
  return [...attributes].map(([key, value]) => ` ${key}="${value}"`).join('');
}
