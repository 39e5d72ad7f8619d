import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { conventionTable, explanationTables } from '../reports/tables/convention-table.ts';
import { flopsGroupsTable, flopsTable } from '../reports/tables/flops-table.ts';
import { memoryTable, trainingTable } from '../reports/tables/training-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { conventionNames } from '../src/analysis/conventions/registry.ts';
import { groupings, type Grouping } from '../src/analysis/count.ts';
import { countVariants, type FlopsResult } from '../src/analysis/flops.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { parseBytes } from '../src/cli/byte-size.ts';
import { tableFlags } from '../src/cli/output-flags.ts';
import { optimizerNames } from '../src/gradients/optimizers/registry.ts';
import { defaultVariants } from '../src/models/variants/study.ts';
import { parseVariants } from '../src/models/variants/variant.ts';

export default class FlopsCommand extends BaseCommand<FlopsResult> {
  static override summary =
    'Count what networks cost in theory: MACs, FLOPs, parameters, activations, bytes.';

  static override description =
    'Counts are exact and per image. Without a name: the study’s changes at B0, one after the other.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> efficientnet-b0 b0:g16,e4,gn4',
    '<%= config.bin %> <%= command.id %> "b{0..5}:g{1,16}"',
    '<%= config.bin %> <%= command.id %> b0 --by stage',
    '<%= config.bin %> <%= command.id %> b0 --convention fvcore --explain',
    '<%= config.bin %> <%= command.id %> b0 b0:g16,e4,gn4 --training --batch 64 --memory 16GB',
  ];

  static override args = {
    variants: Args.string({
      multiple: true,
      description: 'Networks, as <model>[@<resolution>][:<modifier>,…]; see: ecfx models',
    }),
  };

  static override flags = {
    batch: Flags.integer({
      char: 'b',
      summary: 'Images that share one reading of the weights.',
      default: 1,
      min: 1,
      max: 65_536,
    }),
    by: Flags.option({
      summary: 'What to count by.',
      options: Object.keys(groupings) as Grouping[],
      default: 'network',
    })(),
    convention: Flags.option({
      summary: 'Also count as another tool does; may be repeated.',
      options: conventionNames,
      multiple: true,
      multipleNonGreedy: true,
    })(),
    explain: Flags.boolean({
      summary: 'Show line by line why two conventions differ; with one, against ecfx’s own.',
      dependsOn: ['convention'],
    }),
    training: Flags.boolean({
      summary: 'Also count a training step: forward, backward and update, and its memory.',
    }),
    optimizer: Flags.option({
      summary: 'Optimizer of the training step.',
      options: optimizerNames,
      default: 'sgd',
    })(),
    memory: Flags.custom<number>({
      summary: 'Also say the largest batch that fits into this much memory, such as 16GB.',
      parse: async (text) => parseBytes(text),
    })(),
    ...tableFlags,
  };

  async run(): Promise<FlopsResult> {
    const { args, flags } = await this.parse(FlopsCommand);
    const variants = parseVariants(args.variants ?? defaultVariants);
    const result = countVariants(variants, {
      batch: flags.batch,
      by: flags.by,
      conventions: flags.convention ?? [],
      explain: flags.explain,
      ...(flags.training && { training: flags.optimizer }),
      ...(flags.memory !== undefined && { memory: flags.memory }),
    });
    const tables = [
      flags.by === 'network' ? flopsTable(result) : flopsGroupsTable(result),
      ...(flags.convention ? [conventionTable(result)] : []),
      ...result.variants.flatMap(explanationTables),
      ...(flags.training ? [trainingTable(result)] : []),
      ...(flags.training || flags.memory !== undefined ? [memoryTable(result)] : []),
    ];
    for (const [index, table] of tables.entries()) {
      if (index > 0) this.print(flags.csv ? '' : `\n${table.caption}\n`);
      this.print(renderTable(table, flags));
    }
    return result;
  }
}
