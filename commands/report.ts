import os from 'node:os';
import { dirname, join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { writeFigures } from '../reports/files/write-figures.ts';
import { watched } from '../reports/page/watched.ts';
import { writePage } from '../reports/page/write-page.ts';
import { benchText } from '../reports/markdown/bench-text.ts';
import { benchTable } from '../reports/tables/bench-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { recomputeTable } from '../reports/tables/recompute-table.ts';
import { isDocument, loadResult } from '../src/bench/load-result.ts';
import { stateOf } from '../src/bench/run-state.ts';
import { summarizeRuns } from '../src/bench/summarize.ts';
import { watchRuns } from '../src/bench/watch-runs.ts';
import { recompute, type RecomputeResult } from '../src/bench/recompute.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { interruptSignal } from '../src/cli/interrupt.ts';
import { withOptionalValue } from '../src/cli/optional-value.ts';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { htmlInRunFolder, referenceFlags, resultFlags } from '../src/cli/output-flags.ts';
import { EcfxError } from '../src/errors.ts';
import { readReferences, withReferences, type References } from '../src/references/with-references.ts';
import { latestRunFolder } from '../src/results/latest-run.ts';
import { checkWritable } from '../src/results/output-file.ts';
import type { BenchResult } from '../src/results/schema.ts';

export default class ReportCommand extends BaseCommand<BenchResult | RecomputeResult> {
  static override summary = 'Show runs again: as a table, CSV, Markdown, JSON or a page with plots.';

  static override description =
    'Several runs are merged: rounds of the same network are pooled where machine, versions and setting agree, else rows ' +
    'are kept apart and labelled by machine. A folder of run folders stands for all of them.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ecfx-runs/2026-03-01T12-30-00 --html',
    '<%= config.bin %> <%= command.id %> my-run --markdown',
    '<%= config.bin %> <%= command.id %> my-run --html --watch',
    '<%= config.bin %> <%= command.id %> my-run --png pictures/ --svg pictures/',
    '<%= config.bin %> <%= command.id %> --html --accuracy mine.csv --import benchmark-infer-amp-nhwc-pt240-cu124-rtx3090.csv',
    '<%= config.bin %> <%= command.id %> shards/ --html merged.html',
    '<%= config.bin %> <%= command.id %> result.json --recompute',
  ];

  static override args = {
    runs: Args.string({
      multiple: true,
      description:
        'Folders of runs, or a result that was saved with --json or --html; by default the latest under ecfx-runs',
    }),
  };

  static override flags = {
    html: Flags.string({
      summary: 'Write the report page: alone into the folder of the run, or to a file ending in .html.',
    }),
    svg: Flags.string({ summary: 'Write each figure as SVG into this folder.', helpValue: 'FOLDER' }),
    png: Flags.string({
      summary: 'Write each figure as PNG into this folder, the same on every machine.',
      helpValue: 'FOLDER',
    }),
    ...referenceFlags,
    recompute: Flags.boolean({
      summary: 'Compute every printed interval again from the raw samples; exit code 5 unless all agree.',
      exclusive: ['html'],
    }),
    watch: Flags.boolean({
      summary: 'While the run is measured, write the page again whenever a process of it has ended.',
      dependsOn: ['html'],
      exclusive: ['recompute'],
    }),
    ...resultFlags,
  };

  async run(): Promise<BenchResult | RecomputeResult> {
    const argv = withOptionalValue(this.argv, '--html', '.html', htmlInRunFolder);
    const { args, flags } = await this.parse(ReportCommand, argv);
    const runs = args.runs ?? [latestRunFolder()];
    const page = flags.html === htmlInRunFolder ? pageIn(runs) : flags.html;
    const references = readReferences(flags);
    if (page !== undefined) checkWritable(page);
    if (flags.watch && page !== undefined) await this.#watch(runs, page, references);
    const result = withReferences(loadResult(runs), references);
    if (flags.recompute) return this.#recompute(result, runs.join(', '), flags);
    this.print(flags.markdown ? benchText(result) : renderTable(benchTable(result), flags));
    for (const warning of result.warnings) this.note(warning);
    if (page !== undefined) {
      await writePage(result, page);
      this.note(`Report: ${page}`);
    }
    const folders = { ...(flags.svg && { svg: flags.svg }), ...(flags.png && { png: flags.png }) };
    if (Object.keys(folders).length > 0) {
      const written = await writeFigures(result, folders);
      this.note(`Figures: ${String(written.length)} files`);
    }
    return result;
  }

  /** Writes the page again and again until the run has ended, or Ctrl-C. */
  async #watch(runs: readonly string[], page: string, references: References): Promise<void> {
    if (runs.some(isDocument))
      throw new EcfxError('usage', '--watch takes runs; a saved result does not change');
    // What draws must not be in the way of what measures.
    os.setPriority(os.constants.priority.PRIORITY_LOW);
    const interrupt = interruptSignal(() => this.note('No longer watching; the run goes on.'));
    let shown = 0;
    await watchRuns(
      runs,
      async (read) => {
        await writePage(withReferences(summarizeRuns(read), references), page, watched(stateOf(read)));
        if (shown++ === 0) this.note(`Watching; the page is ${page}`);
      },
      interrupt.signal,
    );
    interrupt.dispose();
    if (interrupt.signal.aborted) process.exitCode = exitCodes.interrupted;
    else if (shown === 0) this.note('Nobody measures there: the page is written once.');
  }

  #recompute(
    result: BenchResult,
    source: string,
    form: { csv: boolean; markdown: boolean },
  ): RecomputeResult {
    const checks = recompute(result, source);
    this.print(renderTable(recomputeTable(checks), form));
    if (!checks.agrees) process.exitCode = exitCodes.check;
    return checks;
  }
}

/** Where `--html` alone writes: beside the one run. */
function pageIn(runs: readonly string[]): string {
  const [run] = runs;
  if (runs.length === 1 && run !== undefined && !isDocument(run)) {
    return run.endsWith('.jsonl') ? join(dirname(run), 'report.html') : join(run, 'report.html');
  }
  throw new EcfxError('usage', 'a page of several runs, or of a saved result, needs a name', {
    suggestions: ['Use --html=page.html.'],
  });
}
