import { EcfxError, type ErrorKind } from '../errors.ts';
import { kindOf } from './exit-codes.ts';

/** What a failed command prints with `--json`. */
export interface ErrorDocument {
  readonly schema: 'ecfx.error/1';
  readonly error: {
    readonly message: string;
    readonly kind: ErrorKind;
    readonly suggestions: readonly string[];
  };
}

export function errorDocument(error: Error): ErrorDocument {
  return {
    schema: 'ecfx.error/1',
    error: {
      message: error.message,
      kind: kindOf(error),
      suggestions: error instanceof EcfxError ? error.suggestions : [],
    },
  };
}
