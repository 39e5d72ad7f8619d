import type { ModelEntry, ModelResult, ModelsResult } from '../../src/analysis/catalogue.ts';
import type { ShrinkResult } from '../../src/analysis/shrink.ts';
import { formatCount, inUnit, significant, unknown } from './format.ts';
import type { Cell, Table } from './table.ts';

/** The families that there are, each from its first network to its last. */
export function familiesTable(result: ModelsResult): Table {
  const families = new Map<string, ModelEntry[]>();
  for (const entry of result.models) {
    const members = families.get(entry.family);
    if (members) members.push(entry);
    else families.set(entry.family, [entry]);
  }
  return {
    caption: 'Families',
    columns: [
      { header: 'family', key: 'family', align: 'left' },
      { header: 'networks', key: 'networks', align: 'left' },
      { header: 'params', unit: 'M', key: 'parameters', align: 'right' },
      { header: 'MACs', unit: 'G', key: 'macs', align: 'right' },
    ],
    rows: [...families].map(([family, members]) => {
      // A reservation stands below the row, where there is room for it.
      const [name = family, reservation] = family.split(', ');
      return {
        cells: [
          text(name),
          text(firstToLast(members.map(({ model }) => model))),
          text(leastToMost(members.map(({ parameters }) => parameters / 1e6))),
          text(leastToMost(members.map(({ macs }) => macs / 1e9))),
        ],
        ...(reservation !== undefined && { note: reservation }),
      };
    }),
    notes: ['List networks with: ecfx models all, or part of it: ecfx models "tinynet-*"', ...naming(result)],
  };
}

/** The networks that can be built. */
export function modelsTable(result: ModelsResult): Table {
  const { models } = result;
  return {
    caption: 'Networks',
    columns: [
      { header: 'model', key: 'model', align: 'left' },
      { header: 'family', key: 'family', align: 'left', only: 'values' },
      { header: 'pixels', key: 'resolution', align: 'right' },
      { header: 'train', key: 'train_resolution', align: 'right' },
      { header: 'half', key: 'half_resolution', align: 'right' },
      { header: 'params', key: 'parameters', align: 'right' },
      { header: 'MACs', unit: 'G', key: 'macs', align: 'right' },
    ],
    rows: models.map((entry) => ({
      cells: [
        text(entry.model),
        text(entry.family),
        count(entry.resolution),
        entry.trainResolution === null ? { text: unknown, value: null } : count(entry.trainResolution),
        entry.halfResolution === null ? { text: unknown, value: null } : count(entry.halfResolution),
        count(entry.parameters),
        { text: inUnit(entry.macs, 1e9, 4), value: entry.macs },
      ],
    })),
    notes: naming(result),
  };
}

/** One network shrunk to a budget by two rules. */
export function shrinkTable({ base, baseMacs, budget, networks }: ShrinkResult): Table {
  return {
    caption: `${base} shrunk to ${inUnit(budget, 1e6)} M MACs`,
    columns: [
      { header: 'rule', key: 'rule', align: 'left' },
      { header: 'network', key: 'network', align: 'left' },
      { header: 'params', unit: 'M', key: 'parameters', align: 'right' },
      { header: 'MACs', unit: 'M', key: 'macs', align: 'right' },
      { header: 'activations', unit: 'M', key: 'activations', align: 'right' },
    ],
    rows: networks.map(({ rule, variant, parameters, macs, activations }) => ({
      cells: [
        text(rule),
        text(variant),
        { text: inUnit(parameters, 1e6), value: parameters },
        { text: inUnit(macs, 1e6), value: macs },
        { text: inUnit(activations, 1e6), value: activations },
      ],
    })),
    notes: [
      `${base} has ${inUnit(baseMacs, 1e6)} M. Names give pixels, width and depth.`,
      'tiny formula: resolution and depth by regression over the published TinyNets, then the width that fills the budget.',
      'inverse giant formula: EfficientNet’s scaling the other way round.',
      'Channels and repeats are rounded as in the family of the base.',
    ],
  };
}

function naming({ modifiers, sets }: ModelsResult): string[] {
  return [
    'Vary one as <model>[@native|train|half|<pixels>][:<modifier>,…], for example efficientnet-b0@half:g16,e4,ln+pn:',
    ...modifiers.map(({ form, meaning }) => `  ${form}: ${meaning}`),
    'b0 is short for efficientnet-b0; the study’s own names (B0-G16-LN_PN-Half), ranges (b{0..5}), children of BigNAS by their seed (bignas-r1) and sets work too:',
    ...sets.map(({ name, meaning }) => `  ${name}: ${meaning}`),
  ];
}

/** `efficientnet-b0 … l2`: the last without what it has in common with the first. */
function firstToLast(names: readonly string[]): string {
  const [first = '', last = ''] = [names[0], names.at(-1)];
  if (names.length === 1) return first;
  const words = first.split('-');
  const common = last.split('-').findIndex((word, index) => word !== words[index]);
  return `${first} … ${last.split('-').slice(Math.max(common, 0)).join('-')}`;
}

function leastToMost(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => significant(value, 2));
  return least === most ? `${least}` : `${least}–${most}`;
}

/** A variant's stages, as in its paper. */
export function stageTable({ variant, resolution, source, stages }: ModelResult): Table {
  return {
    caption: `Stages of ${variant}`,
    columns: [
      { header: 'stage', key: 'stage', align: 'left' },
      { header: 'block', key: 'block', align: 'left' },
      { header: 'input', key: 'input', align: 'right' },
      { header: 'kernel', key: 'kernel', align: 'right' },
      { header: 'stride', key: 'stride', align: 'right' },
      { header: 'expand', key: 'expand_ratio', align: 'right' },
      { header: 'channels', key: 'channels', align: 'right' },
      { header: 'repeats', key: 'repeats', align: 'right' },
      { header: 'params', key: 'parameters', align: 'right' },
      { header: 'MACs', unit: 'M', key: 'macs', align: 'right' },
    ],
    rows: stages.map((stage) => ({
      cells: [
        text(stage.stage),
        text(stage.block),
        { text: `${stage.input}²`, value: stage.input },
        { text: `${stage.kernel}×${stage.kernel}`, value: stage.kernel },
        count(stage.stride),
        stage.expandRatio === null
          ? { text: unknown, value: null }
          : { text: `${stage.expandRatio}`, value: stage.expandRatio },
        count(stage.channels),
        count(stage.repeats),
        count(stage.parameters),
        { text: inUnit(stage.macs, 1e6), value: stage.macs },
      ],
    })),
    notes: [`${variant} at ${resolution}×${resolution} pixels. ${source}.`],
  };
}

function text(value: string): Cell {
  return { text: value, value };
}

function count(value: number): Cell {
  return { text: formatCount(value), value };
}
