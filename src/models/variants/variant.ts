import { EcfxError } from '../../errors.ts';
import type { Graph, Tensor } from '../../graph/graph.ts';
import { activationNames, type ActivationName } from '../../operators/activation.ts';
import { paddingRules, type PaddingRule } from '../../operators/padding.ts';
import { expandBraces } from './braces.ts';
import type { KnobName, Knobs, Norm } from '../knobs.ts';
import type { Model, Resolutions } from '../model.ts';
import { nearest } from './nearest.ts';
import { NetworkBuilder } from '../layers/network-builder.ts';
import { modelAliases, modelNamed, models } from '../registry.ts';
import { expandSet } from './sets.ts';
import { studyConfigurations } from './study.ts';

/**
 * A network with its knobs set, named `<model>[@<resolution>][:<modifier>,…]`:
 * `efficientnet-b3@half:g16,e4,ln+pn`.
 */
export interface Variant {
  readonly model: Model;
  readonly resolution: keyof Resolutions | number;
  readonly knobs: Knobs;
}

/** Sides of images that ecfx accepts, in pixels. */
const resolutionLimits = { least: 1, most: 8192 } as const;

interface Modifier<Name extends KnobName> {
  /** For messages: how it is written, and what it sets. */
  readonly form: string;
  readonly meaning: string;
  /** Undefined when the text is not this modifier at all; throws `RangeError` when it is, with a value out of range. */
  parse(text: string): Knobs[Name] | undefined;
  format(value: Knobs[Name]): string;
}

/** The modifiers, in the order in which a variant's name gives them. */
export const modifiers: { readonly [Name in KnobName]: Modifier<Name> } = {
  groupSize: {
    form: 'g<N> | dense',
    meaning: 'channels per group of the spatial convolutions; 1 is depthwise, dense one group',
    parse: (text) =>
      text === 'dense' ? text : numberAfter('g', text, { integer: true, least: 1, most: 4096 }),
    format: (value) => (value === 'dense' ? value : `g${value}`),
  },
  expandRatio: {
    form: 'e<N>',
    meaning: 'expansion inside an inverted bottleneck',
    parse: (text) => numberAfter('e', text, { integer: true, least: 1, most: 64 }),
    format: (value) => `e${value}`,
  },
  norm: {
    form: 'bn | gn<groups> | ln | in | none, with or without +pn; evonorm-b0 | evonorm-s0',
    meaning: 'normalization: batch, group, layer, instance, none; +pn adds proxy norm; EvoNorms activate too',
    parse: parseNorm,
    format: formatNorm,
  },
  activation: {
    form: activationNames.join(' | '),
    meaning: 'activation function',
    parse: (text) => activationNames.find((name): name is ActivationName => name === text),
    format: (value) => value,
  },
  width: {
    form: 'w<multiplier>',
    meaning: 'width coefficient in place of the model’s',
    parse: (text) => numberAfter('w', text, { integer: false, least: 0.05, most: 10 }),
    format: (value) => `w${value}`,
  },
  depth: {
    form: 'd<multiplier>',
    meaning: 'depth coefficient in place of the model’s',
    parse: (text) => numberAfter('d', text, { integer: false, least: 0.05, most: 10 }),
    format: (value) => `d${value}`,
  },
  padding: {
    form: paddingRules.join(' | '),
    meaning: 'padding of convolutions: TensorFlow’s or PyTorch’s rule',
    parse: (text) => paddingRules.find((rule): rule is PaddingRule => rule === text),
    format: (value) => value,
  },
};

/**
 * Reads the names of variants, expanding brace ranges, sets and stars. Case does not matter, `_` equals `-`, `b0` is short for
 * `efficientnet-b0`, and the study's own names (`B0-G16-LN_PN-Half`) are understood.
 * Throws `EcfxError` (usage) that names the nearest right names.
 */
export function parseVariants(names: readonly string[]): Variant[] {
  return names.flatMap(expandBraces).flatMap(expandSet).map(parseVariant);
}

/** Reads one name; see `parseVariants`. */
export function parseVariant(name: string): Variant {
  const text = name.trim().toLowerCase().replaceAll('_', '-');
  const alias = studyAliases.get(text);
  if (alias !== undefined) return parseVariant(alias);

  const [, modelName = '', resolution, modifierList] = /^([^@:]*)(?:@([^:]*))?(?::(.*))?$/s.exec(text) ?? [];
  const model = modelNamed(modelName);
  if (!model) throw unknownModel(name, modelName);
  let overrides: Partial<Knobs> = {};
  for (const modifier of modifierList === undefined ? [] : modifierList.split(',')) {
    const { knob, setting } = parseModifier(name, modifier.trim());
    if (!model.knobs.includes(knob)) {
      const reason = model.refusals?.[knob];
      throw new EcfxError(
        'usage',
        `${name}: ${model.family} has no ${modifiers[knob].form} to set${reason === undefined ? '' : `: ${reason}`}`,
      );
    }
    if (knob in overrides) {
      throw new EcfxError('usage', `${name}: “${modifier}” sets the ${knobTitle(knob)} a second time`);
    }
    overrides = { ...overrides, ...setting };
  }
  const variant = {
    model,
    resolution: resolution === undefined ? ('native' as const) : parseResolution(name, resolution),
    knobs: { ...model.defaults, ...overrides },
  };
  const objection = evoNormObjection(variant) ?? model.objection?.(variant.knobs);
  if (objection !== undefined) throw new EcfxError('usage', `${name}: ${objection}`);
  pixels(variant);
  return variant;
}

/** The one name of a variant, with only what differs from the model's defaults. */
export function formatVariant({ model, resolution, knobs }: Variant): string {
  const at = resolution === 'native' ? '' : `@${resolution}`;
  const changed = (Object.keys(modifiers) as KnobName[])
    .filter((knob) => !sameValue(knobs[knob], model.defaults[knob]))
    .map((knob) => formatKnob(knob, knobs));
  return model.name + at + (changed.length > 0 ? `:${changed.join(',')}` : '');
}

/** Side of the variant's images in pixels. Throws `EcfxError` (usage) when the model has no such resolution. */
export function pixels({ model, resolution }: Pick<Variant, 'model' | 'resolution'>): number {
  const { name, resolution: sides } = model;
  switch (resolution) {
    case 'native':
      return sides.native;
    case 'train':
      // Who trains at the native size does not say so.
      return sides.train ?? sides.native;
    case 'half':
      if (sides.half !== undefined) return sides.half;
      throw new EcfxError('usage', `${name}@half: the study gives no half resolution for ${name}`, {
        suggestions: [`Give a number of pixels: ${name}@${Math.round(sides.native / Math.SQRT2)}.`],
      });
    default:
      return resolution;
  }
}

/** The variant's forward graph for `batch` images: input `images`, output the logits `[batch, 1000]`. */
export function buildGraph(variant: Variant, batch: number): Graph {
  const net = new NetworkBuilder(formatVariant(variant), variant.knobs, 'inference');
  return net.build(buildForward(net, variant, batch));
}

/** Builds the variant from its images to its logits. Throws `EcfxError` (usage) that names the variant. */
export function buildForward(net: NetworkBuilder, variant: Variant, batch: number): Tensor {
  try {
    return variant.model.build(net, net.images(batch, pixels(variant)), variant.knobs);
  } catch (error) {
    if (!(error instanceof EcfxError)) throw error;
    throw new EcfxError(error.kind, `${formatVariant(variant)}: ${error.message}`, {
      suggestions: error.suggestions,
      cause: error,
    });
  }
}

const studyAliases = new Map(
  studyConfigurations.map(({ name, variant }) => [name.toLowerCase().replaceAll('_', '-'), variant]),
);

function parseResolution(name: string, text: string): Variant['resolution'] {
  if (text === 'native' || text === 'train' || text === 'half') return text;
  const { least, most } = resolutionLimits;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new EcfxError(
      'usage',
      `${name}: the resolution after @ is “native”, “train”, “half” or ${least} to ${most} pixels, not “${text}”`,
    );
  }
  return value;
}

function parseModifier(name: string, text: string): { knob: KnobName; setting: Partial<Knobs> } {
  for (const knob of Object.keys(modifiers) as KnobName[]) {
    try {
      const value = modifiers[knob].parse(text);
      if (value !== undefined) return { knob, setting: { [knob]: value } };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new EcfxError('usage', `${name}: ${error.message}`, { cause: error });
    }
  }
  const fixed = [
    ...activationNames,
    ...paddingRules,
    'dense',
    'bn',
    'gn4',
    'ln',
    'in',
    'none',
    'ln+pn',
    'gn4+pn',
    'bn+pn',
    'evonorm-b0',
    'evonorm-s0',
  ];
  const near = nearest(text, fixed);
  throw new EcfxError('usage', `${name}: “${text}” is not a modifier`, {
    suggestions: [
      ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
      `Modifiers: ${Object.values(modifiers)
        .map(({ form }) => form)
        .join('; ')}.`,
    ],
  });
}

function numberAfter(
  letter: string,
  text: string,
  { integer, least, most }: { integer: boolean; least: number; most: number },
): number | undefined {
  if (!text.startsWith(letter) || !/^[-+.\d]/.test(text.slice(letter.length))) return undefined;
  const digits = text.slice(letter.length);
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(value >= least && value <= most) || (integer && !Number.isInteger(value))) {
    const kind = integer ? 'a whole number' : 'a number';
    throw new RangeError(`after “${letter}” ${kind} from ${least} to ${most} was expected, not “${digits}”`);
  }
  return value;
}

const normKinds = {
  bn: 'batch',
  ln: 'layer',
  in: 'instance',
  none: 'none',
  'evonorm-b0': 'evonorm-b0',
  'evonorm-s0': 'evonorm-s0',
} as const;

function parseNorm(text: string): Norm | undefined {
  const proxy = text.endsWith('+pn');
  const plain = proxy ? text.slice(0, -'+pn'.length) : text;
  if (proxy && plain.startsWith('evonorm-')) {
    throw new RangeError(
      `“${text}”: proxy norm follows the activation after a norm, and ${plain} is both in one`,
    );
  }
  if (Object.hasOwn(normKinds, plain)) return { kind: normKinds[plain as keyof typeof normKinds], proxy };
  const groups = numberAfter('gn', plain, { integer: true, least: 1, most: 4096 });
  return groups === undefined ? undefined : { kind: 'group', groups, proxy };
}

function formatNorm({ kind, groups, proxy }: Norm): string {
  const short = Object.entries(normKinds).find(([, name]) => name === kind)?.[0] ?? `gn${groups ?? 1}`;
  return proxy ? `${short}+pn` : short;
}

/** An EvoNorm takes the place of norm and activation, so another activation would mean nothing. */
function evoNormObjection({ model, knobs }: Pick<Variant, 'model' | 'knobs'>): string | undefined {
  const { norm, activation } = knobs;
  if (!norm.kind.startsWith('evonorm-') || activation === model.defaults.activation) return undefined;
  return `“${norm.kind}” has an activation of its own, so “${activation}” has no place`;
}

function formatKnob(knob: KnobName, knobs: Knobs): string {
  // A knob's own modifier formats that knob's values.
  const modifier = modifiers[knob] as { format(value: Knobs[KnobName]): string };
  return modifier.format(knobs[knob]);
}

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function knobTitle(knob: KnobName): string {
  return knob.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function unknownModel(name: string, modelName: string): EcfxError {
  const known = [
    ...models.keys(),
    ...modelAliases.keys(),
    ...studyConfigurations.map((configuration) => configuration.name),
  ];
  const near = nearest(modelName, known);
  return new EcfxError('usage', `“${name}” is not a network that ecfx knows`, {
    suggestions: [
      ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
      'See what there is with: ecfx models',
    ],
  });
}
