import util from 'node:util';

/** Gives back what Node 23 took away and tfjs-node 4.22 calls in every operation. Call before it is loaded. */
export function restoreNodeUtil(): void {
  const older = util as unknown as Record<string, unknown>;
  older['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  older['isArray'] ??= Array.isArray;
}
