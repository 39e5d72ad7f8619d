import type { ModelResult, ModelsResult } from '../../src/analysis/catalogue.ts';
import { formatCount, inUnit, unknown } from './format.ts';
import type { Cell, Table } from './table.ts';

/** The networks that can be built. */
export function modelsTable({ models, modifiers }: ModelsResult): Table {
  return {
    caption: 'Networks',
    columns: [
      { header: 'model', key: 'model', align: 'left' },
      { header: 'family', key: 'family', align: 'left' },
      { header: 'pixels', key: 'resolution', align: 'right' },
      { header: 'half', key: 'half_resolution', align: 'right' },
      { header: 'params', key: 'parameters', align: 'right' },
      { header: 'MACs', unit: 'G', key: 'macs', align: 'right' },
    ],
    rows: models.map((entry) => ({
      cells: [
        text(entry.model),
        text(entry.family),
        count(entry.resolution),
        entry.halfResolution === null ? { text: unknown, value: null } : count(entry.halfResolution),
        count(entry.parameters),
        { text: inUnit(entry.macs, 1e9, 4), value: entry.macs },
      ],
    })),
    notes: [
      'Vary one as <model>[@native|half|<pixels>][:<modifier>,…], for example efficientnet-b0@half:g16,e4,ln+pn:',
      ...modifiers.map(({ form, meaning }) => `  ${form}: ${meaning}`),
      'b0 is short for efficientnet-b0; the study’s own names (B0-G16-LN_PN-Half) and ranges (b{0..5}) work too.',
    ],
  };
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
        stage.expandRatio === null ? { text: unknown, value: null } : count(stage.expandRatio),
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
