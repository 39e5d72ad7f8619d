import * as Args from '@oclif/core/args';
import { modelsTable, stageTable } from '../reports/tables/models-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import {
  describeVariant,
  listModels,
  type ModelResult,
  type ModelsResult,
} from '../src/analysis/catalogue.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { tableFlags } from '../src/cli/output-flags.ts';
import { parseVariant } from '../src/models/variant.ts';

export default class ModelsCommand extends BaseCommand<ModelsResult | ModelResult> {
  static override summary = 'List the networks that can be built, or print the stages of one.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> efficientnet-b0',
    '<%= config.bin %> <%= command.id %> B3-G16-LN_PN-Half',
  ];

  static override args = {
    variant: Args.string({ description: 'A network, as <model>[@<resolution>][:<modifier>,…]' }),
  };

  static override flags = { ...tableFlags };

  async run(): Promise<ModelsResult | ModelResult> {
    const { args, flags } = await this.parse(ModelsCommand);
    if (args.variant === undefined) {
      const result = listModels();
      this.print(renderTable(modelsTable(result), flags));
      return result;
    }
    const result = describeVariant(parseVariant(args.variant));
    this.print(renderTable(stageTable(result), flags));
    return result;
  }
}
