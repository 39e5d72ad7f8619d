import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { benchText } from '../reports/markdown/bench-text.ts';
import { benchTable } from '../reports/tables/bench-table.ts';
import { planTable } from '../reports/tables/plan-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { speedBars } from '../reports/tables/speed-bars.ts';
import { writePage } from '../reports/page/write-page.ts';
import { describePlan, foreseeLongRun, type PlanResult } from '../src/bench/describe-plan.ts';
import type { Shard } from '../src/bench/plan.ts';
import { quickProtocol, standardProtocol, withinBudget } from '../src/bench/protocol.ts';
import { chooseDevices } from '../src/bench/devices/choose.ts';
import { resumeRun } from '../src/bench/resume-run.ts';
import { executeRun } from '../src/bench/run.ts';
import { pilotRounds } from '../src/bench/spend.ts';
import {
  defaultRunFolder,
  mostThreads,
  plannedSubjects,
  startRun,
  type RunRequest,
} from '../src/bench/start-run.ts';
import { summarizeRun } from '../src/bench/summarize.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { parseBatches } from '../src/cli/batch-list.ts';
import { parseBytes } from '../src/cli/byte-size.ts';
import { parseDuration } from '../src/cli/duration.ts';
import { interruptSignal, type Interrupt } from '../src/cli/interrupt.ts';
import { parsePercentage } from '../src/cli/percentage.ts';
import { parseShard } from '../src/cli/shard.ts';
import { EcfxError } from '../src/errors.ts';
import { withOptionalValue } from '../src/cli/optional-value.ts';
import { htmlInRunFolder, referenceFlags, resultFlags } from '../src/cli/output-flags.ts';
import { readReferences, withReferences } from '../src/references/with-references.ts';
import { deviceNames, engineNames, precisions, type DeviceName } from '../src/engines/engine.ts';
import { describeEvent, describeLongRun } from '../reports/progress/event-text.ts';
import { RunProgress } from '../reports/progress/run-progress.ts';
import { optimizerNames } from '../src/gradients/optimizers/registry.ts';
import { defaultVariants } from '../src/models/variants/study.ts';
import { parseVariants } from '../src/models/variants/variant.ts';
import { checkWritable } from '../src/results/output-file.ts';
import { readRun } from '../src/results/run-file.ts';
import type { BenchResult, RunHeader } from '../src/results/schema.ts';

/** What a run that goes on has settled already. */
const freshRunFlags = [
  'mode',
  'optimizer',
  'batch',
  'engine',
  'device',
  'precision',
  'memory',
  'threads',
  'rounds',
  'quick',
  'budget',
  'within',
  'shard',
  'split',
  'seed',
  'plan',
  'output',
] as const;

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
    batch: Flags.string({
      char: 'b',
      summary:
        'Images per step; a list (1,4,16) for a curve; auto for the largest power of two that all variants can do.',
      default: '16',
    }),
    memory: Flags.custom<number>({
      summary: 'Memory that a process may hold, such as 4GB; by default most of what is free.',
      parse: async (text) => Promise.resolve(parseBytes(text)),
    })(),
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
    budget: Flags.custom<number>({
      summary:
        'Time to spend, such as 10m: a pilot, then as many blocks and rounds as fit, where they tell most.',
      parse: async (text) => Promise.resolve(parseDuration(text)),
    })(),
    within: Flags.custom<number>({
      summary: 'Stop when the intervals of all ratios are within this, such as 2%.',
      parse: async (text) => Promise.resolve(parsePercentage(text)),
    })(),
    shard: Flags.custom<Shard>({
      summary:
        'Measure one part of the rounds, such as 2/4; auto in a Slurm array or an indexed Kubernetes job.',
      parse: async (text) => Promise.resolve(parseShard(text)),
    })(),
    resume: Flags.string({
      summary: 'Go on with a run that was stopped or killed, in this folder.',
      helpValue: 'FOLDER',
      exclusive: [...freshRunFlags],
    }),
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
    ...resultFlags,
  };

  async run(): Promise<BenchResult | PlanResult> {
    // Parsing changes `this.argv`; the result file gets the command as it was typed.
    const command = ['ecfx', 'bench', ...this.argv];
    const argv = withOptionalValue(this.argv, '--html', '.html', htmlInRunFolder);
    const { args, flags } = await this.parse(BenchCommand, argv);
    if (flags.resume !== undefined) {
      if (args.variants) throw new EcfxError('usage', '--resume takes its variants from the run itself');
      return this.#resume(flags.resume, command, flags);
    }
    const protocol = flags.quick ? quickProtocol : standardProtocol;
    const isOpen = flags.budget !== undefined || flags.within !== undefined;
    const variants = parseVariants(args.variants ?? defaultVariants);
    const batches = parseBatches(flags.batch);
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
      batches,
      threads: flags.threads ?? mostThreads(),
      devices: chosen,
      precision: flags.precision,
      seed: flags.seed,
      protocol: {
        ...protocol,
        rounds: flags.rounds ?? (isOpen ? pilotRounds : protocol.rounds),
        ...(flags.budget !== undefined && { budgetSeconds: flags.budget }),
        ...(flags.within !== undefined && { precision: flags.within }),
        ...(flags.memory !== undefined && { memoryLimitBytes: flags.memory }),
        ...(flags.split && { split: true }),
      },
      ...(flags.shard && { shard: flags.shard }),
      command,
    };
    if (flags.plan) {
      const subjects = plannedSubjects(request);
      const fitted = withinBudget(request.protocol, subjects);
      const plan = describePlan(subjects, fitted, request.seed, request.shard);
      this.print(renderTable(planTable(plan), flags));
      return plan;
    }

    const folder = flags.output ?? defaultRunFolder(new Date());
    const output = prepareOutput(flags, folder);
    const interrupt = this.#interrupt();
    const start = await startRun(request, folder, {
      signal: interrupt.signal,
      onSearch: ({ variant, mode }) =>
        this.note(`Looking for the largest batch of ${variant} (${mode}), in processes of its own`),
    });
    return this.#measure(start, folder, interrupt, output);
  }

  async #resume(folder: string, command: readonly string[], flags: OutputFlags): Promise<BenchResult> {
    const output = prepareOutput(flags, folder);
    const start = await resumeRun(folder, command);
    if (start) return this.#measure(start, folder, this.#interrupt(), output);
    this.note(`The run in ${folder} is complete; nothing is left to measure.`);
    return this.#show(summarizeRun(readRun(folder)), output);
  }

  async #measure(
    { path, header }: { readonly path: string; readonly header: RunHeader },
    folder: string,
    interrupt: Interrupt,
    output: Output,
  ): Promise<BenchResult> {
    this.note(`Measuring into ${folder}`);
    const progress = this.showsProgress ? new RunProgress(process.stderr) : undefined;
    const long = foreseeLongRun(describePlan(header.subjects, header.protocol, header.seed, header.shard));
    if (long) this.note(describeLongRun(long));
    const status = await executeRun(path, header, {
      signal: interrupt.signal,
      onEvent: (event) => {
        progress?.show(event);
        const text = describeEvent(event);
        if (text === undefined) return;
        progress?.clear();
        this.note(text);
      },
    });
    progress?.clear();
    interrupt.dispose();
    const result = summarizeRun(readRun(path));
    if (status === 'interrupted') process.exitCode = exitCodes.interrupted;
    else if (result.rows.every(({ throughput }) => throughput === undefined))
      process.exitCode = exitCodes.failure;
    return this.#show(result, output);
  }

  async #show(measured: BenchResult, { page, references, flags }: Output): Promise<BenchResult> {
    const result = withReferences(measured, references);
    this.print(flags.markdown ? benchText(result) : renderTable(benchTable(result), flags));
    const bars = flags.csv || flags.markdown ? '' : speedBars(result);
    if (bars !== '') this.print(`\n${bars}`);
    for (const warning of result.warnings) this.note(warning);
    if (page !== undefined) {
      await writePage(result, page);
      this.note(`Report: ${page}`);
    }
    return result;
  }

  #interrupt(): Interrupt {
    return interruptSignal(() =>
      this.note('Stopping; what was measured is kept. Once more to stop at once.'),
    );
  }
}

type OutputFlags = Parameters<typeof renderTable>[1] &
  Parameters<typeof readReferences>[0] & { readonly html?: string | undefined };

/** What becomes of a result. */
interface Output {
  readonly flags: OutputFlags;
  readonly page: string | undefined;
  readonly references: ReturnType<typeof readReferences>;
}

/** Makes sure before anything is measured that the page can be written and the references can be read. */
function prepareOutput(flags: OutputFlags, folder: string): Output {
  const page = flags.html === htmlInRunFolder ? join(folder, 'report.html') : flags.html;
  if (page !== undefined) checkWritable(page);
  return { flags, page, references: readReferences(flags) };
}

/** Without a flag nothing is asked for; `all` beside names is all. */
function namedDevices(
  flags: readonly (DeviceName | 'all')[] | undefined,
): readonly DeviceName[] | 'all' | undefined {
  if (flags === undefined) return undefined;
  const names = flags.filter((flag) => flag !== 'all');
  return names.length === flags.length ? names : 'all';
}
