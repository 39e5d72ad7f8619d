/**
 * What went wrong, for a program to act on: the command line turns each kind into an exit code.
 *
 * - `usage`: the request makes no sense (unknown variant, batch -1)
 * - `input`: a file or configuration that was read is not what it should be
 * - `unavailable`: an engine or device that this machine does not have
 * - `check`: everything ran, and what was asked to hold does not
 * - `failure`: anything else that ecfx can name
 */
export type ErrorKind = 'usage' | 'input' | 'unavailable' | 'check' | 'failure';

export interface EcfxErrorOptions extends ErrorOptions {
  /** What to try instead, each a sentence or a command; shown after the message. */
  readonly suggestions?: readonly string[];
}

/**
 * An error that the user can act on: its message stands alone and needs no stack trace.
 *
 * The name stays `Error`, in subclasses too, because it becomes the first word that the user reads; programs look
 * at `kind`.
 */
export class EcfxError extends Error {
  readonly kind: ErrorKind;
  readonly suggestions: readonly string[];

  constructor(kind: ErrorKind, message: string, { suggestions = [], ...options }: EcfxErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.suggestions = suggestions;
  }
}
