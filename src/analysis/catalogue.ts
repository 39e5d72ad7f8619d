import type { Model, StageRow } from '../models/model.ts';
import { models } from '../models/registry.ts';
import { networkSets } from '../models/variants/sets.ts';
import {
  buildGraph,
  formatVariant,
  modifiers,
  parseVariant,
  pixels,
  type Variant,
} from '../models/variants/variant.ts';
import { countNetwork, countNodes } from './count.ts';

export interface ModelEntry {
  readonly model: string;
  readonly family: string;
  readonly source: string;
  readonly resolution: number;
  /** Where its authors train at another one. */
  readonly trainResolution: number | null;
  /** Where the study trains at half the pixels. */
  readonly halfResolution: number | null;
  readonly parameters: number;
  /** Per image at the native resolution. */
  readonly macs: number;
}

export interface ModelsResult {
  readonly schema: 'ecfx.models/1';
  readonly models: readonly ModelEntry[];
  /** Names that stand for several networks. */
  readonly sets: readonly { readonly name: string; readonly meaning: string }[];
  /** How a name is varied: `<model>[@native|train|half|<pixels>][:<modifier>,…]`. */
  readonly modifiers: readonly { readonly form: string; readonly meaning: string }[];
}

/** Networks as they are by default, counted. */
export function listModels(listed: Iterable<Model> = models.values()): ModelsResult {
  return {
    schema: 'ecfx.models/1',
    models: [...listed].map((model) => {
      const { name, family, source, resolution } = model;
      const { parameters, macs } = countNetwork(countNodes(buildGraph(parseVariant(name), 1))).perStep;
      return {
        model: name,
        family,
        source,
        resolution: resolution.native,
        trainResolution: resolution.train ?? null,
        halfResolution: resolution.half ?? null,
        parameters,
        macs,
      };
    }),
    sets: Object.entries(networkSets).map(([name, { meaning }]) => ({ name, meaning })),
    modifiers: Object.values(modifiers).map(({ form, meaning }) => ({ form, meaning })),
  };
}

export interface ModelResult {
  readonly schema: 'ecfx.model/1';
  readonly variant: string;
  readonly family: string;
  readonly source: string;
  readonly resolution: number;
  readonly stages: readonly (StageRow & {
    /** Side of the images that go in, in pixels. */
    readonly input: number;
    readonly parameters: number;
    /** Per image. */
    readonly macs: number;
  })[];
}

/** A variant's stage table, as its paper prints it, with what each stage costs. */
export function describeVariant(variant: Variant): ModelResult {
  const nodes = countNodes(buildGraph(variant, 1));
  return {
    schema: 'ecfx.model/1',
    variant: formatVariant(variant),
    family: variant.model.family,
    source: variant.model.source,
    resolution: pixels(variant),
    stages: variant.model.stages(variant.knobs).map((row) => {
      const own = nodes.filter(({ node }) => node.scope.stage === row.stage);
      const { parameters, macs } = countNetwork(own).perStep;
      const [first] = own.filter((counts) => !counts.perUpdate);
      const input = Object.values(first?.node.operands ?? {})[0]?.shape[2] ?? 0;
      return { ...row, input, parameters, macs };
    }),
  };
}
