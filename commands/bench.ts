import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { benchTable } from '../reports/tables/bench-table.ts';
import { planTable } from '../reports/tables/plan-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { writePage } from '../reports/page/write-page.ts';
import { describePlan, type PlanResult } from '../src/bench/describe-plan.ts';
import { chooseDevices } from '../src/bench/devices/choose.ts';
import { planCells } from '../src/bench/plan.ts';
import { quickProtocol, standardProtocol } from '../src/bench/protocol.ts';
import { executeRun } from '../src/bench/run.ts';
import {
  defaultRunFolder,
  mostThreads,
  startRun,
  subjectsOf,
  type RunRequest,
} from '../src/bench/start-run.ts';
import { summarizeRun } from '../src/bench/summarize.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { interruptSignal } from '../src/cli/interrupt.ts';
import { withOptionalValue } from '../src/cli/optional-value.ts';
import { htmlInRunFolder, referenceFlags, tableFlags } from '../src/cli/output-flags.ts';
import { readReferences, withReferences } from '../src/references/with-references.ts';
import { deviceNames, engineNames, precisions, type DeviceName } from '../src/engines/engine.ts';
import { RunProgress } from '../reports/progress/run-progress.ts';
import { optimizerNames } from '../src/gradients/optimizers/registry.ts';
import { defaultVariants } from '../src/models/study.ts';
import { parseVariants } from '../src/models/variant.ts';
import { checkWritable } from '../src/results/output-file.ts';
import { readRun } from '../src/results/run-file.ts';
import type { BenchResult } from '../src/results/schema.ts';

export default class BenchCommand extends BaseCommand<BenchResult | PlanResult> {
  static override summary =
    'Time networks on this machine and set the result beside what they cost in theory.';

  static override description =
    'Every variant runs in fresh processes, in rounds of random order. All that is measured is kept in a folder, ' +
    'which ecfx report reads. Without a name: the study’s changes at B0, one after the other.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --quick --html',
    '<%= config.bin %> <%= command.id %> b0 b0:g16,e4,gn4 --mode both --batch 8',
    '<%= config.bin %> <%= command.id %> "b{0..2}:g{1,16}" --plan',
  ];

  static override args = {
    variants: Args.string({
      multiple: true,
      description: 'Networks, as <model>[@<resolution>][:<modifier>,…]; see: ecfx models',
    }),
  };

  static override flags = {
    mode: Flags.option({
      char: 'm',
      summary: 'Time inference, whole training steps (forward, backward, update), or both.',
      options: ['inference', 'training', 'both'] as const,
      default: 'inference',
    })(),
    optimizer: Flags.option({
      summary: 'Optimizer of training.',
      options: optimizerNames,
      default: 'sgd',
    })(),
    batch: Flags.integer({ char: 'b', summary: 'Images per step.', default: 16, min: 1, max: 65_536 }),
    engine: Flags.option({
      summary: 'Library that computes; all measures every one, side by side.',
      options: [...engineNames, 'all'] as const,
      default: 'onnxruntime',
    })(),
    device: Flags.option({
      summary:
        'What it computes on, one or several with commas; by default all that are here and real. See: ecfx doctor',
      options: [...deviceNames, 'all'] as const,
      multiple: true,
      delimiter: ',',
    })(),
    precision: Flags.option({
      summary: 'Of weights and activations.',
      options: precisions,
      default: 'fp32',
    })(),
    threads: Flags.integer({
      char: 't',
      summary: 'Threads of the engine; by default all that this process may use.',
      min: 1,
    }),
    rounds: Flags.integer({
      char: 'r',
      summary: 'Processes per variant; by default 6, with --quick 3.',
      min: 1,
      max: 1000,
    }),
    quick: Flags.boolean({ summary: 'A first look in a minute or two, with wide intervals.' }),
    split: Flags.boolean({
      summary: 'Also time training steps cut short, to tell forward, backward and update apart.',
    }),
    seed: Flags.integer({ summary: 'Of weights, images and the order of cells.', default: 1, min: 0 }),
    plan: Flags.boolean({ char: 'n', summary: 'Say what would run and about how long; measure nothing.' }),
    output: Flags.string({
      char: 'o',
      summary: 'Folder for the run; by default a new one under ecfx-runs.',
    }),
    html: Flags.string({
      summary: 'Also write the report page: alone into the folder of the run, or to a file ending in .html.',
    }),
    ...referenceFlags,
    ...tableFlags,
  };

  async run(): Promise<BenchResult | PlanResult> {
    // Parsing changes `this.argv`; the result file gets the command as it was typed.
    const command = ['ecfx', 'bench', ...this.argv];
    const argv = withOptionalValue(this.argv, '--html', '.html', htmlInRunFolder);
    const { args, flags } = await this.parse(BenchCommand, argv);
    const protocol = flags.quick ? quickProtocol : standardProtocol;
    const variants = parseVariants(args.variants ?? defaultVariants);
    const { chosen, skipped } = await chooseDevices({
      engine: flags.engine,
      devices: namedDevices(flags.device),
      precision: flags.precision,
    });
    for (const sentence of skipped) this.note(sentence);
    const request: RunRequest = {
      variants,
      modes: flags.mode === 'both' ? ['inference', 'training'] : [flags.mode],
      optimizer: flags.optimizer,
      batch: flags.batch,
      threads: flags.threads ?? mostThreads(),
      devices: chosen,
      precision: flags.precision,
      seed: flags.seed,
      protocol: { ...protocol, rounds: flags.rounds ?? protocol.rounds, ...(flags.split && { split: true }) },
      command,
    };
    if (flags.plan) {
      const plan = describePlan(subjectsOf(request), request.protocol, request.seed);
      this.print(renderTable(planTable(plan), flags));
      return plan;
    }

    const folder = flags.output ?? defaultRunFolder(new Date());
    const page = flags.html === htmlInRunFolder ? join(folder, 'report.html') : flags.html;
    if (page !== undefined) checkWritable(page);
    const references = readReferences(flags);
    const result = withReferences(await this.#measure(request, folder), references);
    this.print(renderTable(benchTable(result), flags));
    for (const warning of result.warnings) this.note(warning);
    if (page !== undefined) {
      await writePage(result, page);
      this.note(`Report: ${page}`);
    }
    return result;
  }

  async #measure(request: RunRequest, folder: string): Promise<BenchResult> {
    const { path, header } = startRun(request, folder);
    this.note(`Measuring into ${folder}`);
    const cells = planCells(header.subjects, header.protocol, header.seed);
    const progress = this.showsProgress
      ? new RunProgress(
          process.stderr,
          cells.map(({ subject }) => subject.variant),
        )
      : undefined;
    const interrupt = interruptSignal(() =>
      this.note('Stopping; what was measured is kept. Once more to stop at once.'),
    );
    const status = await executeRun(path, header, {
      signal: interrupt.signal,
      onEvent: (event) => progress?.show(event),
    });
    progress?.clear();
    interrupt.dispose();
    const result = summarizeRun(readRun(path));
    if (status === 'interrupted') process.exitCode = exitCodes.interrupted;
    else if (result.rows.every(({ throughput }) => throughput === undefined))
      process.exitCode = exitCodes.failure;
    return result;
  }
}

/** Without a flag nothing is asked for; `all` beside names is all. */
function namedDevices(
  flags: readonly (DeviceName | 'all')[] | undefined,
): readonly DeviceName[] | 'all' | undefined {
  if (flags === undefined) return undefined;
  const names = flags.filter((flag) => flag !== 'all');
  return names.length === flags.length ? names : 'all';
}
