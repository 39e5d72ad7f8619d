import { EcfxError, type ErrorKind } from '../errors.ts';

/** What a process of ecfx ends with; part of its interface, so additions only. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  input: 3,
  unavailable: 4,
  check: 5,
  interrupted: 130,
} as const satisfies Record<ErrorKind | 'ok' | 'interrupted', number>;

/** Errors of oclif carry their own code: 2 for flags and arguments that do not parse. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof EcfxError) return exitCodes[error.kind];
  return oclifExitCode(error) ?? exitCodes.failure;
}

export function kindOf(error: unknown): ErrorKind {
  if (error instanceof EcfxError) return error.kind;
  return oclifExitCode(error) === exitCodes.usage ? 'usage' : 'failure';
}

function oclifExitCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const { oclif } = error;
  return typeof oclif === 'object' && oclif !== null && 'exit' in oclif && typeof oclif.exit === 'number'
    ? oclif.exit
    : undefined;
}
