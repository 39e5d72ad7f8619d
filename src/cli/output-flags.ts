import * as Flags from '@oclif/core/flags';

/** Other forms of a command's table; one at a time. */
export const tableFlags = {
  csv: Flags.boolean({
    summary: 'Print the table as CSV, with all digits.',
    exclusive: ['markdown', 'json'],
  }),
  markdown: Flags.boolean({ summary: 'Print the table as Markdown.', exclusive: ['csv', 'json'] }),
};

/** The same of commands whose result is worth a text. */
export const resultFlags = {
  ...tableFlags,
  markdown: Flags.boolean({
    summary:
      'Print a text for a pull request, in Markdown: finding, verdicts, what is missing, table, method.',
    exclusive: ['csv', 'json'],
  }),
};

/** What a result is set beside. */
export const referenceFlags = {
  accuracy: Flags.string({
    summary: 'File with accuracies of your own: CSV or JSON with network and top1, in per cent.',
    helpValue: 'FILE',
  }),
  import: Flags.string({
    summary: 'Results of timm, trtexec or onnxruntime_perf_test, as a backdrop; may be repeated.',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** Written by `--html` alone: into the folder of the run. */
export const htmlInRunFolder = 'report.html in the folder of the run';
