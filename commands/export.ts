import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { formatBytes } from '../reports/tables/format.ts';
import { standardTrainingStep } from '../src/analysis/training.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { exportOnnx } from '../src/engines/onnxruntime/export.ts';
import { optimizerNames } from '../src/gradients/optimizers/registry.ts';
import { buildGraph, formatVariant, parseVariant } from '../src/models/variants/variant.ts';
import { checkWritable, writeOutput } from '../src/results/output-file.ts';

export interface ExportResult {
  readonly schema: 'ecfx.export/1';
  readonly variant: string;
  readonly mode: 'inference' | 'training';
  readonly batch: number;
  readonly seed: number;
  readonly file: string;
  readonly bytes: number;
}

export default class ExportCommand extends BaseCommand<ExportResult> {
  static override summary = 'Write a network as an ONNX file, with the weights that ecfx times it with.';

  static override description =
    'The weights are drawn at random, not trained: the file is for timing and inspection. Tensors are named by their ' +
    'place in the network (stages.3.1.expand.conv.filter).';

  static override examples = [
    '<%= config.bin %> <%= command.id %> b0:g16,e4,gn4 --onnx b0-g16.onnx --batch 8',
  ];

  static override args = {
    variant: Args.string({
      required: true,
      description: 'A network, as <model>[@<resolution>][:<modifier>,…]',
    }),
  };

  static override flags = {
    onnx: Flags.string({ required: true, summary: 'File to write.' }),
    mode: Flags.option({
      char: 'm',
      summary:
        'The forward pass with its weights inside, or a whole training step with its state going in and out.',
      options: ['inference', 'training'] as const,
      default: 'inference',
    })(),
    optimizer: Flags.option({
      summary: 'Optimizer of the training step.',
      options: optimizerNames,
      default: 'sgd',
    })(),
    batch: Flags.integer({ char: 'b', summary: 'Images per step.', default: 1, min: 1, max: 65_536 }),
    seed: Flags.integer({ summary: 'Of the weights.', default: 1, min: 0 }),
  };

  async run(): Promise<ExportResult> {
    const { args, flags } = await this.parse(ExportCommand);
    const variant = parseVariant(args.variant);
    checkWritable(flags.onnx);
    const graph =
      flags.mode === 'inference'
        ? buildGraph(variant, flags.batch)
        : standardTrainingStep(variant, flags.batch, flags.optimizer);
    const bytes = exportOnnx(graph, flags.seed);
    writeOutput(flags.onnx, bytes);
    const name = formatVariant(variant);
    this.print(`${flags.onnx}: ${name}, ${flags.mode}, batch ${flags.batch}, ${formatBytes(bytes.length)}`);
    const { mode, batch, seed, onnx: file } = flags;
    return { schema: 'ecfx.export/1', variant: name, mode, batch, seed, file, bytes: bytes.length };
  }
}
