import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { familiesTable, modelsTable, shrinkTable, stageTable } from '../reports/tables/models-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import {
  describeVariant,
  listModels,
  type ModelResult,
  type ModelsResult,
} from '../src/analysis/catalogue.ts';
import { shrink, type ShrinkResult } from '../src/analysis/shrink.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { parseOperations } from '../src/cli/operation-count.ts';
import { tableFlags } from '../src/cli/output-flags.ts';
import { parseVariant, parseVariants } from '../src/models/variants/variant.ts';

export default class ModelsCommand extends BaseCommand<ModelsResult | ModelResult | ShrinkResult> {
  static override summary = 'List the networks that can be built, print the stages of one, or shrink one.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> all',
    '<%= config.bin %> <%= command.id %> "mobilenetv3-*"',
    '<%= config.bin %> <%= command.id %> efficientnet-b0',
    '<%= config.bin %> <%= command.id %> B3-G16-LN_PN-Half',
    '<%= config.bin %> <%= command.id %> --shrink efficientnet-b0 --macs 100M',
  ];

  static override args = {
    variant: Args.string({
      description: 'A network, as <model>[@<resolution>][:<modifier>,…]; or a set of them, to list',
    }),
  };

  static override flags = {
    shrink: Flags.string({
      summary: 'Shrink this network, by the tiny formula and by the inverse giant formula.',
      dependsOn: ['macs'],
    }),
    macs: Flags.custom<number>({
      summary: 'Multiply-accumulates per image that it may need, such as 100M.',
      parse: async (text) => parseOperations(text),
      dependsOn: ['shrink'],
    })(),
    ...tableFlags,
  };

  async run(): Promise<ModelsResult | ModelResult | ShrinkResult> {
    const { args, flags } = await this.parse(ModelsCommand);
    if (flags.shrink !== undefined && flags.macs !== undefined) {
      const result = shrink(parseVariant(flags.shrink), flags.macs);
      this.print(renderTable(shrinkTable(result), flags));
      return result;
    }
    if (args.variant === undefined) {
      const result = listModels();
      // Programs want the networks.
      this.print(renderTable(flags.csv ? modelsTable(result) : familiesTable(result), flags));
      return result;
    }
    const variants = parseVariants([args.variant]);
    const [variant] = variants;
    if (variants.length > 1 || variant === undefined) {
      const result = listModels(new Set(variants.map(({ model }) => model)));
      this.print(renderTable(modelsTable(result), flags));
      return result;
    }
    const result = describeVariant(variant);
    this.print(renderTable(stageTable(result), flags));
    return result;
  }
}
