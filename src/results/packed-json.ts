/** Data inside of a page: JSON, compressed (gzip), in base64. The page's script unpacks it in the same way. */
import { gunzipSync, gzipSync } from 'node:zlib';

export function packJson(data: unknown): string {
  return gzipSync(JSON.stringify(data), { level: 9 }).toString('base64');
}

/** A page of ours unpacks to a few megabytes; one of somebody else's could fill the memory. */
const mostBytes = 2 ** 28;

/** The JSON as text. Throws an `Error` when it is no gzip, or unpacks to more than 256 MiB. */
export function unpackJson(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: mostBytes }).toString('utf8');
}
