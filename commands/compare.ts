import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { compareText } from '../reports/markdown/compare-text.ts';
import { compareTable } from '../reports/tables/compare-table.ts';
import { renderTable } from '../reports/tables/render-table.ts';
import { compareResults, type CompareResult } from '../src/bench/compare.ts';
import { loadResult } from '../src/bench/load-result.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { exitCodes } from '../src/cli/exit-codes.ts';
import { resultFlags } from '../src/cli/output-flags.ts';
import { EcfxError } from '../src/errors.ts';
import { formatVariant, parseVariant } from '../src/models/variants/variant.ts';
import type { Verdict } from '../src/results/schema.ts';

/** Which verdicts on b `--fail-if` takes exception to. */
const failures = {
  slower: ['slower'],
  faster: ['faster'],
  different: ['slower', 'faster'],
} as const satisfies Record<string, readonly Verdict[]>;

export default class CompareCommand extends BaseCommand<CompareResult> {
  static override summary = 'Compare two saved runs, or two variants of one, with an interval and a verdict.';

  static override description =
    'A run is the folder that ecfx bench wrote, a folder of such folders (shards, repetitions: their rounds are pooled), or ' +
    'what ecfx bench --json printed. Variants of one run are compared round by round, two runs as unpaired launches.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> before/ after/ --fail-if slower',
    '<%= config.bin %> <%= command.id %> my-run --variants b0 b0:g16,e4,gn4',
    '<%= config.bin %> <%= command.id %> shards-of-a/ shards-of-b/ --markdown',
  ];

  static override args = {
    a: Args.string({ description: 'What is compared with.', required: true }),
    b: Args.string({ description: 'What the verdict is on; by default the same as a, with --variants.' }),
  };

  static override flags = {
    variants: Flags.string({
      summary: 'Two variants: one of a, and one of b that the verdict is on.',
      multiple: true,
    }),
    'fail-if': Flags.option({
      summary: 'End with exit code 5 when a verdict is that b is so; for continuous integration.',
      options: Object.keys(failures) as (keyof typeof failures)[],
    })(),
    force: Flags.boolean({
      summary: 'Compare unlike machines, engines, precisions, batches or threads, and flag it.',
    }),
    'smallest-effect': Flags.string({
      summary:
        'Relative difference that nobody cares about, such as 2%; by default what the run of a says (1%).',
      parse: (text) => Promise.resolve(text),
    }),
    ...resultFlags,
  };

  async run(): Promise<CompareResult> {
    const { args, flags } = await this.parse(CompareCommand);
    const variants = twoVariants(flags.variants);
    if (args.b === undefined && variants === undefined) {
      throw new EcfxError('usage', 'one run was named, so two of its variants are needed', {
        suggestions: ['Use --variants with two names, or name a second run.'],
      });
    }
    const a = { path: args.a, result: loadResult([args.a]) };
    const b = args.b === undefined ? a : { path: args.b, result: loadResult([args.b]) };
    const smallestEffect = parseFraction(flags['smallest-effect']);
    const result = compareResults(a, b, {
      force: flags.force,
      ...(variants && { variants }),
      ...(smallestEffect !== undefined && { smallestEffect }),
    });
    this.print(flags.markdown ? compareText(result) : renderTable(compareTable(result), flags));
    for (const warning of result.warnings) this.note(warning);
    if (flags['fail-if'] !== undefined) this.#failIf(flags['fail-if'], result);
    return result;
  }

  #failIf(condition: keyof typeof failures, { rows }: CompareResult): void {
    const bad: readonly Verdict[] = failures[condition];
    const found = rows.filter(({ comparison }) => bad.includes(comparison.verdict));
    if (found.length === 0) return;
    this.note(
      `Failed: ${found.map(({ b, comparison }) => `${b.variant} is ${comparison.verdict}`).join(', ')}.`,
    );
    process.exitCode = exitCodes.check;
  }
}

function twoVariants(names: readonly string[] | undefined): [string, string] | undefined {
  if (names === undefined) return undefined;
  const [a, b, ...rest] = names.map((name) => formatVariant(parseVariant(name)));
  if (a !== undefined && b !== undefined && rest.length === 0) return [a, b];
  throw new EcfxError('usage', `--variants takes two names, not ${names.length}`);
}

/** `2%` or `0.02`. */
function parseFraction(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new EcfxError('usage', `--smallest-effect takes a share such as 2% or 0.02, not ${text}`);
}
