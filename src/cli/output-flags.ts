import * as Flags from '@oclif/core/flags';

/** Other forms of a command's table; one at a time. */
export const tableFlags = {
  csv: Flags.boolean({
    summary: 'Print the table as CSV, with all digits.',
    exclusive: ['markdown', 'json'],
  }),
  markdown: Flags.boolean({ summary: 'Print the table as Markdown.', exclusive: ['csv', 'json'] }),
};

/** Written by `--html` alone: into the folder of the run. */
export const htmlInRunFolder = 'report.html in the folder of the run';
