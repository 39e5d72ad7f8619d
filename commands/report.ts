import { dirname, join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { writePage } from '../reports/page/write-page.ts';
import { benchTable } from '../reports/tables/bench-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { latestRunFolder } from '../src/results/latest-run.ts';
import { summarizeRun } from '../src/bench/summarize.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { withOptionalValue } from '../src/cli/optional-value.ts';
import { htmlInRunFolder, referenceFlags, tableFlags } from '../src/cli/output-flags.ts';
import { readReferences, withReferences } from '../src/references/with-references.ts';
import { checkWritable } from '../src/results/output-file.ts';
import { readRun } from '../src/results/run-file.ts';
import type { BenchResult } from '../src/results/schema.ts';

export default class ReportCommand extends BaseCommand<BenchResult> {
  static override summary = 'Show a run again: as a table, CSV, Markdown, JSON or a page with plots.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ecfx-runs/2026-03-01T12-30-00 --html',
    '<%= config.bin %> <%= command.id %> my-run --markdown',
    '<%= config.bin %> <%= command.id %> --html --accuracy mine.csv --import benchmark-infer-amp-nhwc-pt240-cu124-rtx3090.csv',
  ];

  static override args = {
    run: Args.string({ description: 'Folder of a run; by default the latest under ecfx-runs' }),
  };

  static override flags = {
    html: Flags.string({
      summary: 'Write the report page: alone into the folder of the run, or to a file ending in .html.',
    }),
    ...referenceFlags,
    ...tableFlags,
  };

  async run(): Promise<BenchResult> {
    const argv = withOptionalValue(this.argv, '--html', '.html', htmlInRunFolder);
    const { args, flags } = await this.parse(ReportCommand, argv);
    const run = readRun(args.run ?? latestRunFolder());
    const page = flags.html === htmlInRunFolder ? join(dirname(run.path), 'report.html') : flags.html;
    if (page !== undefined) checkWritable(page);
    const result = withReferences(summarizeRun(run), readReferences(flags));
    this.print(renderTable(benchTable(result), flags));
    for (const warning of result.warnings) this.note(warning);
    if (page !== undefined) {
      await writePage(result, page);
      this.note(`Report: ${page}`);
    }
    return result;
  }
}
