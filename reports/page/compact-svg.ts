import { optimize, type PluginConfig } from 'svgo';

/**
 * A drawing of Vega's as the page carries it, a third as long: without what its page says anyway, in fewer
 * digits, and what all marks of a group have in common said once, by the group. It looks the same. `id` becomes part of the names
 * inside of the drawing: the page has several drawings, and its script makes more.
 */
export function compactSvg(svg: string, id: string): string {
  // The page always defines its variables.
  const withoutFallbacks = svg.replaceAll(/var\((--[a-z0-9-]+), #[0-9a-f]{6}\)/g, 'var($1)');
  const names: PluginConfig = { name: 'prefixIds', params: { prefix: id, prefixClassNames: false } };
  return optimize(withoutFallbacks, { floatPrecision: 1, plugins: [...plugins, names] }).data;
}

const plugins: readonly PluginConfig[] = [
  {
    name: 'preset-default',
    params: {
      overrides: {
        // The figure around it is announced as one image.
        removeUnknownsAndDefaults: { keepAriaAttrs: false, keepRoleAttr: false },
        // A mark is an element: it can be counted, and has its own colour.
        mergePaths: false,
        // To a tenth of a pixel a dot would be an egg.
        convertPathData: { floatPrecision: 2 },
      },
    },
  },
  {
    name: 'removeAttrs',
    params: { attrs: ['font-family', 'pointer-events', '*:class:(?!.*role-mark).*'], elemSeparator: ':' },
  },
  'removeXMLNS',
];
