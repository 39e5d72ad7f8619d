import util from 'node:util';

/** Gives back what Node 23 took away and tfjs-node 4.22 calls in every operation. Call before it is loaded. */
export function restoreNodeUtil() {
  const older = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (util));
  older['isNullOrUndefined'] ??= (/** @type {unknown} */ value) => value === null || value === undefined;
  older['isArray'] ??= Array.isArray;
}
