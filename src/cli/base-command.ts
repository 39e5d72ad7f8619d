import { Command } from '@oclif/core/command';
import { CLIError, ExitError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import type * as Interfaces from '@oclif/core/interfaces';
import { EcfxError } from '../errors.ts';
import { errorDocument } from './error-document.ts';
import { exitCodeOf } from './exit-codes.ts';
import { tidyFlagMessage } from './flag-message.ts';

/** What `--json` prints: one document that names its own schema and version. */
export interface JsonResult {
  readonly schema: `ecfx.${string}/${number}`;
}

/**
 * The base of every command: what all of them share about output, errors and exit codes.
 *
 * Standard output carries the result and nothing else; everything said about the work goes to standard error. With
 * `--json` the result is what `run()` returns, and a failure is a JSON document too.
 */
export abstract class BaseCommand<Result extends JsonResult> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    quiet: Flags.boolean({
      char: 'q',
      summary: 'Print the result only, no notes or progress.',
      helpGroup: 'GLOBAL',
    }),
    // The colour library reads this flag from the command line itself; oclif has to know it to accept it.
    color: Flags.boolean({
      summary: 'Colour the output; by default only on a terminal without NO_COLOR.',
      helpGroup: 'GLOBAL',
      allowNo: true,
    }),
  };

  #quiet = false;

  abstract override run(): Promise<Result>;

  /** The result for people, on standard output; silent with `--json`. */
  protected print(text: string): void {
    this.log(text);
  }

  /** A remark about the work, on standard error; silent with `--quiet` and `--json`. */
  protected note(text: string): void {
    if (!this.#quiet) this.logToStderr(text);
  }

  /** Whether something that redraws itself may be shown: only to a person at a terminal. */
  protected get showsProgress(): boolean {
    return process.stderr.isTTY && process.env['TERM'] !== 'dumb' && !this.#quiet && !this.jsonEnabled();
  }

  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    this.#quiet = parsed.flags['quiet'] === true;
    return parsed;
  }

  /** oclif ends every failure under `--json` with 1; here the exit code is the same with and without. */
  protected override catch(error: Error): Promise<void> {
    error.message = tidyFlagMessage(error.message);
    if (error instanceof ExitError || !this.jsonEnabled()) throw this.#presentable(error);
    process.exitCode = exitCodeOf(error);
    this.logJson(errorDocument(error));
    return Promise.resolve();
  }

  /** The error as oclif prints it: message and suggestions, the stack and the causes only when debugging. */
  #presentable(error: Error): Error {
    if (error instanceof CLIError) return error;
    const exit = exitCodeOf(error);
    if (this.#debugging) return Object.assign(error, { oclif: { exit } });
    const suggestions =
      error instanceof EcfxError
        ? [...error.suggestions]
        : [`set ${this.config.scopedEnvVarKey('DEBUG')}=1 to see where this happened`];
    return new CLIError(error.message, { exit, suggestions });
  }

  get #debugging(): boolean {
    return this.config.scopedEnvVarTrue('DEBUG') || Boolean(process.env['DEBUG']);
  }
}
